using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Output;
using BootProtocol.Sample;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>A guest that is built where no Xen is, as a file that Xen's own tool restores.</summary>
internal static class RestoredDomain
{
    /// <summary>Adds the step <c>restore-NAME</c> for the sample guest.</summary>
    /// <param name="control">Where to.</param>
    /// <param name="name">The domain's name.</param>
    /// <param name="word">Its word size.</param>
    /// <param name="version">The version of the stream.</param>
    public static void AddSample(ControlDomain control, string name, WordSize word, int version)
    {
        control.AddFile($"{name}.save", Build(name, SampleGuest.Create(word), version));
        control.AddStep($"restore-{name}", Script(name, $"/files/{name}.save"));
    }

    /// <summary>Adds the step <c>restore-NAME</c> for a Linux, whose file the tool itself makes in the control domain.</summary>
    /// <param name="control">Where to.</param>
    /// <param name="domain">What to build.</param>
    /// <param name="name">The restored domain's name.</param>
    public static void AddLinux(ControlDomain control, PausedDomain domain, string name) => control.AddStep(
        $"restore-{name}",
        $"""
        bootproto build /files/{domain.Kernel} --boot xen-pv --memory {domain.Memory}M --cmdline '{domain.CommandLine}' \
            --initrd /files/{domain.Initrd} --format xl -o /tmp/{name}.save >&2 || exit
        {Script(name, $"/tmp/{name}.save")}
        code=$?
        rm /tmp/{name}.save
        exit $code
        """);

    /// <summary>Checks what that step came to.</summary>
    public static void CheckLinux(ToolRun run, PausedDomain domain, ITestOutputHelper output)
    {
        DomainChecks.Linux(run, domain, output);
        DomainChecks.Restored(run, domain.Memory);
    }

    /// <summary>The guest is restored, read back while it is paused, and runs until xl has seen its end.</summary>
    /// <param name="name">The domain's name.</param>
    /// <param name="file">The saved domain.</param>
    private static string Script(string name, string file) => $"""
        export LIBXL_SAVE_HELPER=/bin/libxl-save-helper
        xl restore -p {file} >&2 || exit
        bootproto xen inspect $(xl domid {name}) >&2
        xl unpause {name}
        seconds=0
        while xl domid {name} > /tmp/ended 2>&1 && [ $seconds != 200 ]; do
            sleep 1
            seconds=$((seconds + 1))
        done
        tr -d '\r' < /var/log/xen/console/guest-{name}.log
        ! xl domid {name} > /tmp/ended 2>&1
        """;

    private static byte[] Build(string name, byte[] image, int version)
    {
        using BootImage opened = BootImage.Open(image);
        using Kernel kernel = opened.Decompress();
        using XenPvDomain domain = new XenPvBuilder
        {
            MemorySize = (ulong)XenHost.Sample.Memory << 20,
            CommandLine = XenHost.Sample.CommandLine,
            Initrds = [XenHost.Initrd],
            MapInitrd = true,
        }.Build(kernel);
        using var output = new MemoryStream();
        XlOutput.Write(domain, output, new XlOutputOptions { Name = name, StreamVersion = version });
        return output.ToArray();
    }
}
