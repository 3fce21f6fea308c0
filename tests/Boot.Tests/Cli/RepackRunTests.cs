using System.Text;
using BootProtocol.Boot.Tests.Linux;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Cli;

/// <summary>
/// Repacked images boot by their own code, which finds the payload where it always was: under SeaBIOS by the setup code, under OVMF as EFI programs.
/// What changed is seen from inside.
/// </summary>
public sealed class RepackRunTests
{
    private const string CommandLine = "console=ttyS0 quiet nokaslr panic=-1 mitigations=off cryptomgr.notests no_timer_check";

    /// <summary>Who built the kernel, changed in the first letter.</summary>
    private const string Builder = "(!";

    [Theory]
    [InlineData("6.12-amd64", false)]
    [InlineData("6.12-amd64", true)]
    [InlineData("6.1-cloud-amd64", false)]
    [InlineData("6.1-cloud-amd64", true)]
    [InlineData("6.1-686-pae", false)]
    [InlineData("6.1-686-pae", true)]
    public async Task Another_kernel_boots(string name, bool isEfi)
    {
        using var disk = new GuestDisk(name);
        await CheckAsync(disk, disk.Kernel, isEfi);
    }

    /// <summary>No kernel of Debian's is packed with gzip; the one that tests/kernels/own.sh builds is. It has 32 bits.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Another_kernel_packed_with_gzip_boots(bool isEfi)
    {
        using var disk = new GuestDisk("6.1-686-pae");
        await CheckAsync(disk, Fetched.Find("kernels", "own-6.1", "vmlinuz"), isEfi);
    }

    [Fact]
    public async Task Another_embedded_archive_starts_its_own_program()
    {
        using var disk = new GuestDisk("6.1-cloud-amd64");
        string root = Directory.CreateDirectory(disk.Place("root")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(root, "init"), SmallInit());
        _ = ToolRun.Start("chmod", ["500", "init"], root).Succeeded();
        string image = disk.Place("image");
        _ = CommandTool.Start("repack", disk.Kernel, "-o", image, "--initramfs", root).Succeeded();
        foreach (bool isEfi in (bool[])[false, true])
        {
            MachineRun run = await BootAsync(image, null, isEfi, CommandLine);
            Assert.Contains("the embedded archive's own program", run.Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("systemd-stub")]
    [InlineData("systemd-stub-sid")]
    public async Task A_unified_kernel_image_boots_with_other_sections(string stub)
    {
        using var disk = new GuestDisk("6.1-cloud-amd64");
        using var other = new GuestDisk("6.1-cloud-amd64", dataSize: 150_001);
        byte[] uki = PeFile.Add(
            await File.ReadAllBytesAsync(Fetched.Find("kernels", stub, "linuxx64.efi.stub")),
            (".osrel", "ID=test\n"u8.ToArray()),
            (".cmdline", Encoding.ASCII.GetBytes($"{CommandLine} old")),
            (".initrd", await File.ReadAllBytesAsync(disk.Initrd)),
            (".linux", await File.ReadAllBytesAsync(disk.Kernel)));
        string image = disk.Place("changed.efi");
        string line = $"{CommandLine} changed {new string('x', 900)}";
        string[] arguments =
        [
            "repack", disk.Put("uki.efi", uki), "-o", image, "--cmdline", line, "--initramfs", other.Initrd, "--section",
            $".linux={Repack(disk, disk.Kernel)}", "--remove-section", ".osrel",
        ];
        _ = CommandTool.Start(arguments).Succeeded();
        MachineRun run = await BootAsync(image, null, isEfi: true, commandLine: null);
        var seen = UserSpace.Read(run.Output, run.ToString());
        Assert.Equal((line, other.Sum), (seen.CommandLine, seen.File));
        Assert.Contains(Builder, seen.Version, StringComparison.Ordinal);
    }

    /// <summary>Boots a repacked kernel up to its first process, which sees the ramdisk and who built the kernel.</summary>
    private static async Task CheckAsync(GuestDisk disk, string kernel, bool isEfi)
    {
        MachineRun run = await BootAsync(Repack(disk, kernel), disk.Initrd, isEfi, CommandLine, isWide: disk.Word == WordSize.Bits64);
        Assert.Equal(0, run.ExitCode);
        var seen = UserSpace.Read(run.Output, run.ToString());
        Assert.Equal(disk.Sum, seen.File);
        Assert.Contains(Builder, seen.Version, StringComparison.Ordinal);
    }

    /// <summary>Extracts the kernel, changes who built it in its banner, and repacks it, all with the tool.</summary>
    private static string Repack(GuestDisk disk, string kernel)
    {
        _ = CommandTool.Start("extract", kernel, "-o", disk.Place("vmlinux")).Succeeded();
        byte[] vmlinux = File.ReadAllBytes(disk.Place("vmlinux"));
        ReadOnlySpan<byte> banner = vmlinux.AsSpan()[vmlinux.AsSpan().IndexOf("Linux version 6."u8)..];
        banner = banner[banner.IndexOf((byte)'(')..];
        byte[] builder = banner[..banner.IndexOf((byte)'@')].ToArray();
        int count = 0;
        for (int at; (at = vmlinux.AsSpan().IndexOf(builder)) >= 0; count++)
            vmlinux[at + 1] = (byte)'!';
        Assert.True(count >= 2);
        File.WriteAllBytes(disk.Place("changed"), vmlinux);
        string image = disk.Place("repacked");
        _ = CommandTool.Start("repack", kernel, "-o", image, "--vmlinux", disk.Place("changed")).Succeeded();
        return image;
    }

    private static Task<MachineRun> BootAsync(string image, string? initrd, bool isEfi, string? commandLine, bool isWide = true) => new Machine
    {
        Type = isWide ? "q35" : "q35,smm=on",
        Memory = 768,
        Kernel = image,
        Initrd = initrd,
        CommandLine = commandLine,
        Arguments = !isEfi ? [] : isWide ? ["-bios", Fetched.Find("kernels", "ovmf", "OVMF.fd")] : NarrowFirmware(),
        Timeout = TimeSpan.FromMinutes(10),
    }.RunAsync();

    /// <summary>Firmware of 32 bits, which Debian has as one for Secure Boot alone: its variables are safe in a mode of the processor's own.</summary>
    private static string[] NarrowFirmware() =>
    [
        "-global", "driver=cfi.pflash01,property=secure,value=on",
        "-drive", $"if=pflash,format=raw,unit=0,readonly=on,file={Fetched.Find("kernels", "ovmf-ia32", "code.fd")}",
        "-drive", $"if=pflash,format=raw,unit=1,snapshot=on,file={Fetched.Find("kernels", "ovmf-ia32", "variables.fd")}",
    ];

    /// <summary>A program that makes a device for the kernel's log, writes to it, and restarts the machine; small enough for 512 bytes of archive.</summary>
    private static byte[] SmallInit()
    {
        using var folder = new TemporaryFolder();
        folder.Write("init.s", """
            .globl _start
            _start:
                mov $133, %eax          # mknod("/k", a device of characters, major 1, minor 11)
                lea path(%rip), %rdi
                mov $0x2180, %esi
                mov $0x10b, %edx
                syscall
                mov $2, %eax            # open("/k", to write)
                mov $1, %esi
                syscall
                mov %eax, %edi
                mov $1, %eax            # write
                lea text(%rip), %rsi
                mov $(end - text), %edx
                syscall
                mov $169, %eax          # reboot
                mov $0xfee1dead, %edi
                mov $0x28121969, %esi
                mov $0x01234567, %edx
                syscall
            path: .asciz "/k"
            text: .ascii "<0>the embedded archive's own program\n"
            end:

            """);
        _ = ToolRun.Start("gcc", ["-nostdlib", "-static", "-s", "-Wl,-N,--build-id=none,-z,noseparate-code", "-o", "init", "init.s"], folder.Path).Succeeded();
        return File.ReadAllBytes(folder.File("init"));
    }
}
