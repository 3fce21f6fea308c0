using System.Text;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveKvm;

/// <summary>What guests of the tests start with: initial ramdisks and a root file system, all of Debian's busybox and a script.</summary>
internal static class KvmGuestFiles
{
    private const string Busybox = "/bin/busybox";

    /// <summary>Bytes of the root file system.</summary>
    private const int DiskSize = 8 << 20;

    /// <summary>What a file of the root file system holds.</summary>
    public const string Greeting = "from the host";

    /// <summary>Says what it sees, waits for a line at the serial port, and switches off.</summary>
    private const string Report = """
        #!/bin/busybox sh
        /bin/busybox --install -s /bin
        mount -t proc proc /proc
        mount -t sysfs sys /sys
        dmesg -n 1
        printf '\nuser space reached\nprocessors: %s\n' "$(nproc)"
        printf 'clock: %s\n' "$(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)"
        printf 'date: %s\n' "$(date -u +%Y-%m-%d)"
        read -r line
        printf 'line: %s\nend of report\n' "$line"
        poweroff -f
        """;

    /// <summary>Talks on a console by VIRTIO, and switches off.</summary>
    private const string OnConsole = """
        #!/bin/busybox sh
        /bin/busybox --install -s /bin
        mount -t devtmpfs dev /dev
        dmesg -n 1
        for module in virtio_ring virtio virtio_mmio virtio_console; do
            insmod /modules/$module.ko
        done
        exec < /dev/hvc0 > /dev/hvc0 2>&1
        printf '\nuser space reached\n'
        read -r line
        printf 'line: %s\n' "$line"
        dd if=/dev/zero bs=1k count=300 2> /dev/null | tr '\0' x
        printf '\nend of report\n'
        sleep 1
        poweroff -f
        """;

    /// <summary>Goes on from the first disk.</summary>
    private const string SwitchRoot = """
        #!/bin/busybox sh
        /bin/busybox --install -s /bin
        mount -t devtmpfs dev /dev
        dmesg -n 1
        for module in virtio_ring virtio virtio_mmio virtio_blk; do
            insmod /modules/$module.ko
        done
        mount -t ext4 /dev/vda /root && exec switch_root /root /init
        poweroff -f
        """;

    /// <summary>Writes to the root file system, tries to write to the second disk, and switches off.</summary>
    private const string FromDisk = """
        #!/bin/busybox sh
        /bin/busybox --install -s /bin
        mount -t proc proc /proc
        mount -t sysfs sys /sys
        mount -t devtmpfs dev /dev
        printf '\nroot: %s\n' "$(grep ' / ' /proc/mounts | tail -n 1)"
        printf 'serial: %s\n' "$(cat /sys/block/vda/serial)"
        printf 'greeting: %s\n' "$(cat /greeting)"
        cat /greeting /greeting > /answer
        dd if=/dev/zero bs=1k count=600 2> /dev/null | tr '\0' x > /large
        printf 'second: %s\n' "$(sha256sum < /dev/vdb)"
        echo x 2> /dev/null > /dev/vdb || echo 'second disk: cannot be written'
        mount -o remount,ro / && echo 'end: remounted'
        poweroff -f
        """;

    /// <summary>The initial ramdisk that reports.</summary>
    public static byte[] Reporting() => Archive(Report).ToArray();

    /// <summary>The initial ramdisk that goes on from a disk.</summary>
    public static byte[] Switching() => WithModules(SwitchRoot, "virtio_blk");

    /// <summary>The initial ramdisk that talks on a console by VIRTIO.</summary>
    public static byte[] Talking() => WithModules(OnConsole, "virtio_console");

    private static byte[] WithModules(string script, string driver)
    {
        CpioArchive archive = Archive(script);
        archive.AddFolder("modules");
        foreach (string module in (string[])["virtio", "virtio_ring", "virtio_mmio", driver])
            archive.AddFile($"modules/{module}.ko", File.ReadAllBytes(Fetched.Find("kernels", "kvm-guest", $"{module}.ko")));
        return archive.ToArray();
    }

    /// <summary>A disk with a root file system.</summary>
    public static byte[] Disk()
    {
        using var folder = new TemporaryFolder();
        foreach (string part in (string[])["bin", "dev", "proc", "sys"])
            Directory.CreateDirectory(folder.File("root", part));
        File.Copy(Busybox, folder.File("root", "bin", "busybox"));
        File.WriteAllText(folder.File("root", "init"), FromDisk.ReplaceLineEndings("\n"));
        File.WriteAllText(folder.File("root", "greeting"), Greeting + "\n");
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserExecute;
            File.SetUnixFileMode(folder.File("root", "init"), Executable);
            File.SetUnixFileMode(folder.File("root", "bin", "busybox"), Executable);
        }

        using (FileStream disk = File.Create(folder.File("disk")))
            disk.SetLength(DiskSize);
        ToolRun.Start("/sbin/mke2fs", ["-q", "-t", "ext4", "-d", folder.File("root"), folder.File("disk")], folder.Path).Succeeded();
        return File.ReadAllBytes(folder.File("disk"));
    }

    private static CpioArchive Archive(string script)
    {
        var archive = new CpioArchive();
        foreach (string folder in (string[])["bin", "dev", "proc", "root", "sys"])
            archive.AddFolder(folder);
        archive.AddFile("bin/busybox", File.ReadAllBytes(Busybox));
        archive.AddFile("init", Encoding.ASCII.GetBytes(script.ReplaceLineEndings("\n")));
        return archive;
    }
}
