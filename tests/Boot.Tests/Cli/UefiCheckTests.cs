using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Cli;

/// <summary>
/// What <c>check --for uefi</c> says of an image, against firmware: OVMF loads each of them by its shell. A kernel that is given a ramdisk that is not
/// there ends with an error of its own code, so that one start of the machine tries all; the last one boots.
/// </summary>
public sealed class UefiCheckTests
{
    private const string Line = "console=ttyS0 quiet nokaslr panic=-1 mitigations=off cryptomgr.notests no_timer_check";

    /// <summary>Kernels that boot by firmware.</summary>
    private static readonly string[] _kernels = ["6.12-amd64", "sid-amd64", "bookworm-signed-amd64", "trixie-rt-amd64", "6.1-cloud-amd64"];

    /// <summary>Files that firmware does not start, with the rule that says so; null where they are no image at all.</summary>
    private static (string? Rule, byte[] Bytes)[] Others
    {
        get
        {
            byte[] kernel = File.ReadAllBytes(Kernel("6.1-cloud-amd64"));
            byte[] foreign = [.. kernel];
            int pe = BinaryPrimitives.ReadInt32LittleEndian(foreign.AsSpan(0x3c));
            BinaryPrimitives.WriteUInt16LittleEndian(foreign.AsSpan(pe + 4), 0xaa64);
            byte[] noHeaders = [.. kernel];
            noHeaders[pe] = 0;
            return
            [
                ("image-whole", kernel[..(kernel.Length / 2)]),
                ("pe-processor", foreign),
                ("efi-stub", noHeaders),
                ("efi-stub", Unpacked(Fetched.Find("kernels", "gnumach-xen-amd64", "gnumach.gz"))),
                ("efi-stub", Unpacked(Fetched.Find("kernels", "xen", "xen.gz"))),
                ("efi-stub", File.ReadAllBytes(Fetched.Find("kernels", "memtest86plus", "memtest86+x64.bin"))),
                (null, [.. Enumerable.Range(0, 4096).Select(static value => (byte)(value * 7))]),
            ];
        }
    }

    [Fact]
    public async Task Verdicts_are_what_firmware_does()
    {
        using var disk = new GuestDisk(_kernels[^1]);
        string folder = Directory.CreateDirectory(disk.Place("efi")).FullName;
        File.Copy(disk.Initrd, Path.Combine(folder, "ramdisk.img"));
        var script = new StringBuilder("@echo -off\nfs0:\n");
        (string? Rule, byte[] Bytes)[] others = Others;
        for (int i = 0; i < others.Length; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"bad{i}.efi");
            File.WriteAllBytes(Path.Combine(folder, name), others[i].Bytes);
            script.Append(CultureInfo.InvariantCulture, $"load {name}\n");
            CheckRefused(Path.Combine(folder, name), others[i].Rule, disk.Initrd);
        }

        for (int i = 0; i < _kernels.Length; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"good{i}.efi");
            File.Copy(Kernel(_kernels[i]), Path.Combine(folder, name));
            script.Append(CultureInfo.InvariantCulture, $"load {name}\n{name} initrd=none.img console=ttyS0\necho {name} gave %lasterror%\n");
            Assert.Equal((true, null), Check(Path.Combine(folder, name), disk.Initrd));
        }

        script.Append(CultureInfo.InvariantCulture, $"good{_kernels.Length - 1}.efi initrd=ramdisk.img {Line}\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "startup.nsh"), script.Replace("\n", "\r\n").ToString());
        MachineRun run = await BootAsync(folder);
        for (int i = 0; i < others.Length; i++)
            Assert.Contains($"bad{i}.efi' is not an image.", run.Output, StringComparison.Ordinal);
        for (int i = 0; i < _kernels.Length; i++)
        {
            // It was loaded, and its own code said why it ended: not found, or a code of that kind.
            Assert.Contains($"good{i}.efi' is not a driver.", run.Output, StringComparison.Ordinal);
            Assert.Matches($@"good{i}\.efi gave 0x[1-9A-F]", run.Output);
        }

        Assert.True(run.Output.Split("EFI stub: ERROR: Failed to load initrd").Length > _kernels.Length, run.ToString());
        Assert.Equal(disk.Sum, UserSpace.Read(run.Output, run.ToString()).File);
    }

    /// <summary>The stub says that it has no kernel, and so does the tool.</summary>
    [Fact]
    public async Task A_unified_kernel_image_without_a_kernel_does_not_start()
    {
        using var disk = new GuestDisk("6.1-cloud-amd64");
        string folder = Directory.CreateDirectory(disk.Place("efi")).FullName;
        byte[] stub = await File.ReadAllBytesAsync(Fetched.Find("kernels", "systemd-stub", "linuxx64.efi.stub"));
        string image = Path.Combine(folder, "uki.efi");
        await File.WriteAllBytesAsync(
            image, PeFile.Add(stub, (".osrel", "ID=test\n"u8.ToArray()), (".initrd", await File.ReadAllBytesAsync(disk.Initrd))));
        Assert.Equal((false, "uki-kernel"), Check(image, null));
        await File.WriteAllTextAsync(Path.Combine(folder, "startup.nsh"), "@echo -off\r\nfs0:\r\nuki.efi\r\n");
        const string Mark = "Unable to locate embedded .linux section";
        MachineRun run = await BootAsync(folder, Mark);
        Assert.Contains(Mark, run.Output, StringComparison.Ordinal);
    }

    private static string Kernel(string name) => Fetched.Find("kernels", name, "vmlinuz");

    private static byte[] Unpacked(string path)
    {
        using var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static void CheckRefused(string path, string? rule, string initrd)
    {
        if (rule is null)
            Assert.Equal(1, CommandTool.Start("check", path, "--for", "uefi").ExitCode);
        else
            Assert.Equal((false, rule), Check(path, initrd));
    }

    /// <summary>Whether the tool says that an image boots, and the rule that stops it first.</summary>
    private static (bool Boots, string? Stopper) Check(string image, string? initrd)
    {
        string[] more = initrd is null ? [] : ["--initrd", initrd, "--cmdline", Line];
        using var json = JsonDocument.Parse(CommandTool.Start(["check", image, "--for", "uefi", "--json", .. more]).Output);
        return (json.RootElement.GetProperty("boots").GetBoolean(), json.RootElement.GetProperty("stopper").GetString());
    }

    private static Task<MachineRun> BootAsync(string folder, string? endMark = null) => new Machine
    {
        Type = "q35",
        Memory = 768,
        Kernel = null,
        Arguments =
        [
            "-bios", Fetched.Find("kernels", "ovmf", "OVMF.fd"), "-drive", $"file=fat:{folder},format=raw,if=ide,snapshot=on",
        ],
        EndMark = endMark,
        Timeout = TimeSpan.FromMinutes(5),
    }.RunAsync();
}
