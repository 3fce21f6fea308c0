using System.Globalization;
using System.IO.Compression;
using System.Text;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Benchmarks.Peers;

/// <summary>
/// <c>bootproto xen start</c> against <c>xl create</c>, both of a paused domain of Debian's 6.12 with an initial ramdisk, in turns: instructions of a
/// machine that runs Debian's Xen and its control domain.
/// </summary>
internal static class XenComparison
{
    private const int Turns = 5;
    private const int Memory = 200; // MiB
    private const string Line = "console=hvc0 panic=-1";

    private static readonly (string Name, string Type, string Boot)[] _ways = [("xen-pv", "pv", "xen-pv"), ("pvh", "pvh", "pvh")];

    private static string Init => $$"""
        #!/bin/busybox sh
        /bin/busybox --install -s /bin
        export PATH=/bin
        mount -t proc proc /proc
        mount -t sysfs sys /sys
        mount -t devtmpfs dev /dev
        mount -t tmpfs run /run
        mkdir -p /run/xen /run/xenstored /run/lock /var/lib/xen /var/lib/xenstored /var/log/xen/console /etc/xen /dev/pts
        ln -s /run /var/run
        mount -t devpts devpts /dev/pts
        : > /etc/xen/xl.conf
        for module in xen-privcmd xen-evtchn xen-gntdev xen-gntalloc xenfs; do
            insmod /modules/$module.ko
        done
        mount -t xenfs xenfs /proc/xen
        xenstored --pid-file /run/xen/xenstored.pid && xen-init-dom0
        xenconsoled --pid-file=/run/xen/xenconsoled.pid
        {{string.Concat(_ways.Select(Turn))}}
        poweroff -f
        """;

    /// <summary>Compares.</summary>
    public static void Run()
    {
        using var machine = new CountedMachine();
        string parts = Repository.File("tests", ".cache", "xen-dom0");
        CpioArchive archive = machine.Archive(Init);
        foreach (string folder in (string[])["etc", "modules", "run", "var", "var/lib", "var/log"])
            archive.AddFolder(folder);
        AddFiles(archive, Path.Combine(parts, "bin"), "bin", "busybox");
        AddFiles(archive, Path.Combine(parts, "modules"), "modules", "");
        AddFiles(archive, Path.Combine(parts, "lib"), "lib/x86_64-linux-gnu", "");
        archive.AddFile("bin/bootproto", machine.Bootproto);
        archive.AddFile("kernel", File.ReadAllBytes(Repository.File("tests", ".cache", "kernels", "6.12-amd64", "vmlinuz")));
        archive.AddFile("ramdisk", machine.Archive("").ToArray());
        using var xen = new MemoryStream();
        using (var packed = new GZipStream(File.OpenRead(Repository.File("tests", ".cache", "kernels", "xen", "xen.gz")), CompressionMode.Decompress))
            packed.CopyTo(xen);
        string output = machine.Boot(
        [
            "-cpu", "qemu64,+npt", "-m", "2048", "-kernel", machine.Write("xen", xen.ToArray()), "-append", "com1=115200,8n1 console=com1 dom0_mem=1024M",
            "-initrd", $"{Path.Combine(parts, "vmlinuz")} console=hvc0 quiet panic=-1 mitigations=off,{machine.Write("initramfs", archive.ToArray())}",
        ]);
        foreach ((string name, _, _) in _ways)
        {
            double ours = CountedMachine.Middle(output, Turns, $"{name}-before", $"{name}-ours");
            double theirs = CountedMachine.Middle(output, Turns, $"{name}-between", $"{name}-theirs");
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: bootproto xen start {ours / 1e6:f0} M instructions, xl create {theirs / 1e6:f0} M, ratio {ours / theirs:f2}"));
        }
    }

    /// <summary>Starts a domain by both, several times. A machine that cannot is switched off, and the counts that follow are not there.</summary>
    private static string Turn((string Name, string Type, string Boot) way) => $$"""
        cat > /tmp/{{way.Name}} << END
        name = "theirs"
        type = "{{way.Type}}"
        kernel = "/kernel"
        ramdisk = "/ramdisk"
        cmdline = "{{Line}}"
        memory = {{Memory}}
        END
        for turn in $(seq {{Turns}}); do
            echo "{{way.Name}}-before$turn: $(count)"
            bootproto xen start /kernel --boot {{way.Boot}} --initrd /ramdisk --cmdline '{{Line}}' --memory {{Memory}}M \
                --paused --name ours > /dev/null || poweroff -f
            echo "{{way.Name}}-ours$turn: $(count)"
            bootproto xen destroy $(xl domid ours)
            echo "{{way.Name}}-between$turn: $(count)"
            xl create -q -p /tmp/{{way.Name}} || poweroff -f
            echo "{{way.Name}}-theirs$turn: $(count)"
            xl destroy theirs
        done

        """;

    private static void AddFiles(CpioArchive archive, string source, string target, string except)
    {
        foreach (string file in Directory.GetFiles(source).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(file);
            if (name != except)
                archive.AddFile($"{target}/{name}", File.ReadAllBytes(file));
        }
    }
}
