using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>Three domains, of which the middle one is destroyed: what is left is what Xen's own tool lists.</summary>
internal static class ThreeDomains
{
    private const string OurList = "list-gap";
    private const string TheirList = "list-gap-xl";

    /// <summary>Adds the steps.</summary>
    public static void AddSteps(ControlDomain control)
    {
        control.AddStep("gap", """
            for name in lower middle upper; do
                bootproto xen start --sample --memory 16 --paused --name $name || exit
            done
            bootproto xen destroy $(xl domid middle)
            """);
        control.AddStep(OurList, "bootproto xen list");
        control.AddStep(TheirList, "xl list");
        control.AddStep("gap-end", "bootproto xen destroy $(xl domid lower) && bootproto xen destroy $(xl domid upper)");
    }

    /// <summary>Number, name, MiB and virtual CPUs of each are the same, and there are three.</summary>
    public static void Check(Func<string, ToolRun> steps)
    {
        steps("gap").Succeeded();
        string[] ours = Ours(steps(OurList));
        Assert.Equal(Theirs(steps(TheirList)), ours);
        Assert.Equal(["Domain-0", "lower", "upper"], ours.Select(static row => row.Split(' ')[1]));
        steps("gap-end").Succeeded();
    }

    /// <summary>Number, name, MiB and virtual CPUs of each domain, by the list of this tool.</summary>
    public static string[] Ours(ToolRun list) => [.. Rows(list, header: 3).Select(static row => string.Join(' ', row[..4]))];

    /// <summary>The same by the list of Xen's own tool.</summary>
    public static string[] Theirs(ToolRun list) => [.. Rows(list, header: 1).Select(static row => string.Join(' ', row[1], row[0], row[2], row[3]))];

    private static IEnumerable<string[]> Rows(ToolRun run, int header) =>
        run.Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries)[header..]
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
