using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Output;
using BootProtocol.Stubs;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>GNU Mach of 32 bits, whose kernel asks for a page of hypercalls, restored of a file: it writes to its console through that page.</summary>
internal static class HypercallPageSteps
{
    private const string Name = "mach";
    private const string Greeting = "GNU Mach";

    /// <summary>Adds the step.</summary>
    public static void Add(ControlDomain control)
    {
        control.AddFile($"{Name}.save", Build());
        control.AddStep(Name, $"""
            export LIBXL_SAVE_HELPER=/bin/libxl-save-helper
            xl restore /files/{Name}.save >&2 || exit
            seconds=0
            until grep -q "{Greeting}" /var/log/xen/console/guest-{Name}.log || [ $seconds = 60 ]; do
                sleep 1
                seconds=$((seconds + 1))
            done
            tr -d '\r' < /var/log/xen/console/guest-{Name}.log
            xl destroy {Name} >&2
            """);
    }

    /// <summary>It greets.</summary>
    public static void Check(ToolRun run, ITestOutputHelper output)
    {
        output.WriteLine(run.Output);
        Assert.Contains(Greeting, run.Output, StringComparison.Ordinal);
    }

    private static byte[] Build()
    {
        using BootImage image = BootImage.Open(Fetched.Find("kernels", "gnumach-xen-486", "gnumach.gz"));
        using Kernel kernel = (image.Inner ?? image).Decompress();
        using XenPvDomain domain = new XenPvBuilder { MemorySize = 64 << 20, MapInitrd = true }.Build(kernel);
        Assert.NotNull(domain.HypercallFrame);
        using var file = new MemoryStream();
        XlOutput.Write(domain, file, new XlOutputOptions { Name = Name, HypercallPage = HypercallPage.Create(domain.Placement.Word) });
        return file.ToArray();
    }
}
