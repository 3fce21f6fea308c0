using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>Three domains, of which the middle one is destroyed: what is left is what Xen's own tool lists.</summary>
internal static class ThreeDomains
{
    private const string Ours = "list-gap";
    private const string Theirs = "list-gap-xl";

    /// <summary>Adds the steps.</summary>
    public static void AddSteps(ControlDomain control)
    {
        control.AddStep("gap", """
            for name in lower middle upper; do
                bootproto xen start --sample --memory 16 --paused --name $name || exit
            done
            bootproto xen destroy $(xl domid middle)
            """);
        control.AddStep(Ours, "bootproto xen list");
        control.AddStep(Theirs, "xl list");
        control.AddStep("gap-end", "bootproto xen destroy $(xl domid lower) && bootproto xen destroy $(xl domid upper)");
    }

    /// <summary>Number, name, MiB and virtual CPUs of each are the same, and there are three.</summary>
    public static void Check(Func<string, ToolRun> steps)
    {
        steps("gap").Succeeded();
        string[] ours = [.. Rows(steps(Ours), header: 3).Select(static row => string.Join(' ', row[..4]))];
        string[] theirs = [.. Rows(steps(Theirs), header: 1).Select(static row => string.Join(' ', row[1], row[0], row[2], row[3]))];
        Assert.Equal(theirs, ours);
        Assert.Equal(["Domain-0", "lower", "upper"], ours.Select(static row => row.Split(' ')[1]));
        steps("gap-end").Succeeded();
    }

    private static IEnumerable<string[]> Rows(ToolRun run, int header) =>
        run.Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries)[header..]
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
