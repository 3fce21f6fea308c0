using System.Text;
using BootProtocol.Boot.Tests.Cli;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>A Linux with two virtual CPUs that the tool has started, and what Xen's own tool does with it.</summary>
internal static class CitizenSteps
{
    private const int Memory = 128;
    private const int Less = 112;

    private const string NewestKernel = "sid-amd64";
    private const string NewestModules = "sid-modules";
    private const int NewestMemory = 192;

    /// <summary>What the guest says when it has done all that it does at its start.</summary>
    public const string Up = "the guest is up";

    /// <summary>Waits up to 200 seconds for a condition.</summary>
    public const string Await = """
        await() {
            seconds=0
            until eval "$1"; do
                [ $seconds = 200 ] && echo "not within 200 seconds: $1" >&2 && return 1
                sleep 1
                seconds=$((seconds + 1))
            done
        }

        """;

    /// <summary>Where the saved domain goes: what is in the control domain's files is in its memory. The steps' results go there later.</summary>
    public const string Saved = "/dev/vda";

    /// <summary>Paths of all domains in xenstore, what libxl keeps of them, and their devices.</summary>
    public const string Kept = $"""
        for path in /local/domain /vm /libxl; do
            xenstore list $path 2> /dev/null
        done
        ls /var/lib/xen
        {DeviceSteps.Kept}
        """;

    /// <summary>What the guest runs: it says how many processors it has, and stays.</summary>
    private const string Guest = $"""
        #!/busybox sh
        /busybox mount -t proc proc /proc
        /busybox mount -t devtmpfs dev /dev
        /busybox echo "processors: $(/busybox nproc)"
        {DeviceSteps.Guest}
        /busybox echo "{Up}"
        while true; do
            now=$(/busybox grep MemTotal /proc/meminfo)
            [ "$now" = "$last" ] || /busybox echo "$now"
            last=$now
            /busybox sleep 2
        done
        """;

    /// <summary>Adds the steps.</summary>
    public static void Add(ControlDomain control)
    {
        control.AddFile("citizen", Archive(module => Fetched.Find("", "xen-dom0", $"modules/{module}")));
        DeviceSteps.Add(control);
        control.AddStep("kept-before", Kept);
        control.AddStep("citizen-start", $"{Start("citizen")}; cat /tmp/citizen");
        DeviceSteps.AddSeen(control, "citizen-seen");
        DeviceSteps.AddInUse(control);
        control.AddStep("citizen-vcpus", "xl vcpu-list citizen");
        control.AddStep("citizen-less", $"""
            {Await}
            xl mem-set citizen {Less} && await 'xl list citizen | grep -q " {Less} "'
            code=$?
            xl list citizen
            exit $code
            """);
        control.AddStep("citizen-saved", $"""
            {Await}
            export LIBXL_SAVE_HELPER=/bin/libxl-save-helper
            xl save citizen {Saved} >&2 && await '! kill -0 $(cat /tmp/citizen.pid) 2> /dev/null' || exit
            {Kept}
            """);
        control.AddStep("citizen-restored", $"""
            {Await}
            export LIBXL_SAVE_HELPER=/bin/libxl-save-helper
            xl restore {Saved} >&2 && await '{DeviceSteps.Ping}' && xl vcpu-list citizen
            """);
        DeviceSteps.AddSeen(control, "restored-seen");
        control.AddStep("citizen-end", $"{Await}\nxl shutdown citizen && await '! xl domid citizen > /dev/null 2>&1'");
        foreach ((string name, string command) in new[] { ("xl-off", "xl shutdown xl-off"), ("off", "bootproto xen shutdown $(xl domid off)") })
            control.AddStep($"citizen-{name}", $"{Start(name)} || exit\n{command} >&2 || exit\n{End(name)}");
        control.AddStep("citizen-again", $"""
            {Start("again", "--on-reboot restart")} || exit
            first=$(xl domid again)
            bootproto xen reboot $first >&2 && await '[ $(grep -c "{Up}" /tmp/again) = 2 ]' || exit
            [ $(xl domid again) != $first ] || exit
            xl shutdown again >&2 || exit
            {End("again")}
            """);
        FileSteps.Add(control);
        SavedSteps.Add(control);
        control.AddStep("kept-after", Kept);
    }

    /// <summary>Adds the steps of a PVH domain with the same devices.</summary>
    public static void AddPvh(ControlDomain control)
    {
        control.AddStep("pvh-citizen-start", $"{Start("pvh-citizen", "--boot pvh")}; cat /tmp/pvh-citizen");
        DeviceSteps.AddSeen(control, "pvh-citizen-seen");
        control.AddStep("pvh-citizen-end", $"{Await}\nxl shutdown pvh-citizen >&2 || exit\n{End("pvh-citizen")}");
        control.AddStep("pvh-kept-after", Kept);
    }

    /// <summary>Adds the steps of the newest Linux there is, where it was fetched.</summary>
    public static void AddNewest(ControlDomain control)
    {
        if (!Fetched.Has(NewestKernel, "vmlinuz") || !Fetched.Has(NewestModules, "xen-netfront.ko"))
            return;
        control.AddFile("newest", File.ReadAllBytes(Fetched.Find("kernels", NewestKernel, "vmlinuz")));
        control.AddFile("citizen-newest", Archive(module => Fetched.Find("kernels", NewestModules, module)));
        control.AddStep("newest-start", $"{Start("newest", "", "newest", "citizen-newest", NewestMemory)}; cat /tmp/newest");
        DeviceSteps.AddSeen(control, "newest-seen");
        control.AddStep("newest-end", $"{Await}\nxl shutdown newest >&2 || exit\n{End("newest")}");
        control.AddStep("newest-kept-after", Kept);
        RestoredDomain.AddLinux(control, XenHost.Linux("newest"), "restored-newest");
    }

    /// <summary>Checks what they came to.</summary>
    public static void CheckNewest(Func<string, ToolRun> steps, ITestOutputHelper output)
    {
        _ = Fetched.Find("kernels", NewestModules, "xen-netfront.ko");
        _ = Fetched.Find("kernels", NewestKernel, "vmlinuz");
        string started = steps("newest-start").Succeeded();
        output.WriteLine(started);
        Assert.Contains("processors: 2", started, StringComparison.Ordinal);
        DeviceSteps.CheckSeen(started, steps("newest-seen"));
        Assert.Contains("reboot: Power", steps("newest-end").Succeeded(), StringComparison.Ordinal);
        Assert.Equal(steps("kept-before").Succeeded(), steps("newest-kept-after").Succeeded());
        RestoredDomain.CheckLinux(steps("restore-restored-newest"), XenHost.Linux("newest"), output);
    }

    /// <summary>Checks what the steps of the PVH domain came to.</summary>
    public static void CheckPvh(Func<string, ToolRun> steps, ITestOutputHelper output)
    {
        string started = steps("pvh-citizen-start").Succeeded();
        output.WriteLine(started);
        Assert.Contains("processors: 2", started, StringComparison.Ordinal);
        DeviceSteps.CheckSeen(started, steps("pvh-citizen-seen"));
        Assert.Contains("reboot: Power", steps("pvh-citizen-end").Succeeded(), StringComparison.Ordinal);
        Assert.Equal(steps("kept-before").Succeeded(), steps("pvh-kept-after").Succeeded());
    }

    /// <summary>Checks what the steps came to.</summary>
    public static void Check(Func<string, ToolRun> steps, ITestOutputHelper output)
    {
        string started = steps("citizen-start").Succeeded();
        output.WriteLine(started);
        Assert.Contains("processors: 2", started, StringComparison.Ordinal);
        string[] processors = steps("citizen-vcpus").Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..];
        Assert.Equal(["citizen 0", "citizen 1"], processors.Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(static words => $"{words[0]} {words[2]}"));
        Assert.Matches($@"(?m)^citizen +\d+ +{Less} +2 ", steps("citizen-less").Succeeded());
        DeviceSteps.CheckSeen(started, steps("citizen-seen"));
        Assert.Equal(steps("kept-before").Succeeded(), steps("citizen-saved").Succeeded());
        Assert.Equal(2, steps("citizen-restored").Succeeded().Split("\ncitizen ").Length - 1);
        DeviceSteps.CheckSeen(started, steps("restored-seen"));
        steps("citizen-end").Succeeded();
    }

    /// <summary>Checks how a guest that was asked to end did so.</summary>
    public static void CheckEnd(Func<string, ToolRun> steps, string name, string expected) =>
        Assert.Contains(expected, steps($"citizen-{name}").Succeeded(), StringComparison.Ordinal);

    /// <summary>Nothing of all these domains is left.</summary>
    public static void CheckLeftovers(Func<string, ToolRun> steps) =>
        Assert.Equal(steps("kept-before").Succeeded(), steps("kept-after").Succeeded());

    /// <summary>Starts one, and waits until it is up. Its console goes to a file, and the number of the process that shows it to another.</summary>
    private static string Start(string name, string more = "", string kernel = "6.12", string initrd = "citizen", int memory = Memory) => $"""
        {Await}
        bootproto xen start /files/{kernel} --memory {memory} --vcpus 2 --cmdline 'console=hvc0 panic=-1 mitigations=off cryptomgr.notests' \
            --initrd /files/{initrd} {DeviceSteps.Options} --name {name} {more} --console --destroy-on-exit > /tmp/{name} 2>&1 < /dev/null &
        echo $! > /tmp/{name}.pid
        await 'grep -q "{Up}" /tmp/{name}' || (cat /tmp/{name} >&2; false)
        """;

    /// <summary>Waits until the process that shows its console has ended, and prints what it has shown.</summary>
    private static string End(string name) => $"""
        await '! kill -0 $(cat /tmp/{name}.pid) 2> /dev/null'
        code=$?
        cat /tmp/{name}
        exit $code
        """;

    /// <param name="find">Finds a module of its kernel.</param>
    private static byte[] Archive(Func<string, string> find)
    {
        var archive = new CpioArchive();
        foreach (string folder in new[] { "dev", "proc", "sbin" })
            archive.AddFolder(folder);
        archive.AddFile("busybox", File.ReadAllBytes(Fetched.Find("", "xen-dom0", "bin/busybox")));
        foreach (string module in new[] { "xen-blkfront.ko", "xen-netfront.ko" })
            archive.AddFile(module, File.ReadAllBytes(find(module)));
        archive.AddFile("init", Encoding.ASCII.GetBytes(Guest.ReplaceLineEndings("\n")));

        // Linux calls them when Xen's tools ask the domain to end.
        foreach (string name in new[] { "poweroff", "reboot" })
            archive.AddFile($"sbin/{name}", Encoding.ASCII.GetBytes($"#!/busybox sh\n/busybox {name} -f\n"));
        return archive.ToArray();
    }
}
