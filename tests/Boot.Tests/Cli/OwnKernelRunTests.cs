using System.Buffers.Binary;
using BootProtocol.LinuxX86;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Cli;

/// <summary>Images that hold no packed kernel, but are one: they are entered by their own code.</summary>
public sealed class OwnKernelRunTests
{
    private const int SetupLength = 4096;

    /// <summary>The exit code of QEMU's isa-debug-exit device, to which the code writes 0x10.</summary>
    private const int Ended = 0x21;

    [Theory]
    [InlineData("linux64", 0x20f, false)]
    [InlineData("linux32", 0x20f, false)]
    [InlineData("linux32", 0x20f, true)]
    [InlineData("linux32", 0x204, true)]
    public void A_hand_written_image_is_entered(string way, int version, bool leavesSizeOut)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("image"), Image((ushort)version, leavesSizeOut));
        ToolRun run = CommandTool.Run(folder.File("image"), "--boot", way, "--", "-device", "isa-debug-exit,iobase=0x501,iosize=4");
        Assert.Contains("ENTERED", run.Output, StringComparison.Ordinal);
        Assert.Equal(Ended, run.ExitCode);
    }

    [Theory]
    [InlineData("memtest86plus", "memtest86+x64.bin", "linux64")]
    [InlineData("memtest86plus", "memtest86+x64.efi", "linux32")]
    [InlineData("memtest86plus-sid", "mt86+ia32", "linux32")]
    public void Memtest_starts(string package, string file, string way)
    {
        string image = Fetched.Find("kernels", package, file);
        CommandTool.RunUntil("Memtest86+", image, "--boot", way, "--cmdline", "console=ttyS0,115200");
    }

    /// <summary>What has only a real-mode entry is refused in these words.</summary>
    [Theory]
    [InlineData("syslinux", "memdisk")]
    [InlineData("grub-pc", "lnxboot.img")]
    [InlineData("ipxe", "ipxe.lkrn")]
    [InlineData("ipxe-sid", "ipxe.lkrn")]
    public void What_starts_in_real_mode_is_refused(string package, string file)
    {
        string image = Fetched.Find("kernels", package, file);
        Assert.Contains("it has only a real-mode entry", CommandTool.Start("inspect", image).Succeeded(), StringComparison.Ordinal);
        foreach (string[] more in (string[][])[[], ["--boot", "linux32"]])
        {
            ToolRun run = CommandTool.Start(["build", image, .. more]);
            Assert.Equal(1, run.ExitCode);
            Assert.Contains("it has only a real-mode entry", run.Errors, StringComparison.Ordinal);
        }
    }

    /// <summary>A header and code that prints to the first serial port, with entries for 32 and 64 bits.</summary>
    private static byte[] Image(ushort version, bool leavesSizeOut)
    {
        byte[] image = new byte[2 * SetupLength];
        SetupHeader.Author header = SetupHeader.Create(image.AsSpan(0x1f1));
        header.SetupSects = (SetupLength / 512) - 1;
        header.Syssize = leavesSizeOut ? 0 : SetupLength / 16u;
        header.Jump = 0x6aeb;
        header.Loadflags = LoadFlags.LoadedHigh;
        header.Code32Start = new Paddr(1 << 20);
        header.InitrdAddrMax = int.MaxValue;
        header.KernelAlignment = 4096;
        header.Xloadflags = XloadFlags.Kernel64;
        header.CmdlineSize = 255;
        header.PrefAddress = new Paddr(32 << 20);
        header.InitSize = 1 << 16;
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x206), version);
        byte[] code = [.. "ENTERED\n"u8.ToArray().SelectMany(static letter => Out(0x3f8, letter)), .. Out(0x501, 0x10), 0xf4, 0xeb, 0xfd];
        code.CopyTo(image, SetupLength);
        code.CopyTo(image, SetupLength + 0x200);
        return image;
    }

    /// <summary>mov dx, port; mov al, value; out dx, al: the same bytes in 32 and 64 bits.</summary>
    private static byte[] Out(ushort port, byte value) => [0x66, 0xba, (byte)port, (byte)(port >> 8), 0xb0, value, 0xee];
}
