using System.Text;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>A domain that is built and left paused, looked at, compared with what Xen's own tool builds, and then started.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kernel">Its kernel's file in <c>/files</c>.</param>
/// <param name="Memory">Its memory, in MiB.</param>
/// <param name="CommandLine">Its command line.</param>
/// <param name="Initrd">Its initial ramdisk's file in <c>/files</c>; null if it has none.</param>
internal sealed record PausedDomain(string Name, string Kernel, int Memory, string CommandLine = "", string? Initrd = null)
{
    /// <summary>Shows what it says until it ends.</summary>
    private const string UntilEnd = "bootproto xen console $id --destroy-on-exit";

    private string Variables => $"set -- $(cat /tmp/{Name}); id=$2";

    /// <summary>The command that starts it.</summary>
    public string Start =>
        $"bootproto xen start /files/{Kernel} --memory {Memory} --cmdline '{CommandLine}'{(Initrd is null ? "" : $" --initrd /files/{Initrd}")}";

    /// <summary>Adds the steps <c>pause-</c>, <c>list-</c>, <c>inspect-</c>, <c>compare-</c> and <c>console-</c> with its name.</summary>
    /// <param name="control">Where to.</param>
    /// <param name="dialogue">What is said to it at its console, before it is destroyed; null if it ends by itself.</param>
    public void AddSteps(ControlDomain control, ConsoleDialogue? dialogue = null)
    {
        control.AddFile($"{Name}.cfg", Encoding.ASCII.GetBytes(Configuration.ReplaceLineEndings("\n")));
        control.AddStep($"pause-{Name}", $"{Start} --name {Name} --paused > /tmp/{Name}; code=$?; cat /tmp/{Name}; exit $code");
        control.AddStep($"list-{Name}", "bootproto xen list");
        control.AddStep($"inspect-{Name}", $"{Variables}; bootproto xen inspect $id");
        control.AddStep($"compare-{Name}", $"""
            {Variables}
            xl create -p /files/{Name}.cfg >&2
            XenDomains compare $id $(xl domid xl-{Name})
            code=$?
            xl destroy xl-{Name} >&2
            exit $code
            """);
        control.AddStep($"console-{Name}", $"{Variables}; bootproto xen unpause $id; {dialogue?.Script ?? UntilEnd}");
        if (dialogue is not null)
        {
            control.AddStep($"detach-{Name}", $"{Variables}; timeout -s INT 3 bootproto xen console $id");
            control.AddStep($"started-{Name}", $"{Variables}; bootproto xen inspect $id");
            control.AddStep($"destroy-{Name}", $"{Variables}; bootproto xen destroy $id");
        }
    }

    /// <summary>The same domain for Xen's own tool.</summary>
    private string Configuration => $"""
        name = "xl-{Name}"
        type = "pv"
        kernel = "/files/{Kernel}"
        {(Initrd is null ? "" : $"ramdisk = \"/files/{Initrd}\"")}
        extra = "{CommandLine}"
        memory = {Memory}
        vcpus = 1

        """;
}
