using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Sample;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveKexec;

/// <summary>An image that the loaders of kexec are given, and what is expected of <c>bootproto check --for kexec</c> and of each of them.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">The file.</param>
/// <param name="Error">The first error of check; null if it has none.</param>
/// <param name="Takers">Loaders that load it.</param>
/// <param name="LineLength">Characters of the command line.</param>
/// <param name="Exception">Why check has an error for what is loaded; null where that must not be.</param>
internal sealed record KexecVerdict(string Name, Func<byte[]> Bytes, string? Error, string[] Takers, int LineLength = 5, string? Exception = null)
{
    /// <summary>The error of a file that check cannot open as an image: no rule is asked.</summary>
    public const string NoImage = "no image";

    /// <summary>What the names of the files in the machine begin with.</summary>
    private const string Prefix = "judged";

    private const string Cloud = "6.1-cloud-amd64";
    private const int Magic = 0x202;
    private const int Version = 0x206;
    private const int LoadFlags = 0x211;
    private const int InitrdAddrMax = 0x22c;
    private const int Relocatable = 0x234;
    private const int XloadFlags = 0x236;
    private const int CommandLineSize = 0x238;

    /// <summary>The command line.</summary>
    public string Line => new('x', LineLength);

    /// <summary>A ramdisk with a program.</summary>
    public static byte[] Initrd()
    {
        var archive = new CpioArchive();
        archive.AddFile("init", "#!/bin/sh\n"u8);
        return archive.ToArray();
    }

    /// <summary>The loaders: ours, ours by the running kernel, kexec-tools, and that by the running kernel.</summary>
    public static string[] Loaders { get; } = ["ours", "file", "tools", "kernel"];

    /// <summary>All of them.</summary>
    public static KexecVerdict[] All { get; } =
    [
        new("newest", static () => Kernel("sid-cloud-amd64"), null, Loaders),
        new("6.1", static () => Kernel(Cloud), null, Loaders),
        new("sample", static () => SampleGuest.Create(WordSize.Bits64), null, Loaders),
        new("686", static () => Kernel("6.1-686-pae"), null, ["tools"]),
        new("elf", Elf, null, ["ours"]),
        new("text", static () => "a text, and no kernel\n"u8.ToArray(), NoImage, []),
        new("magic", static () => Changed(static image => image[Magic] ^= 1), "kernel-there", []),
        new("version", static () => Changed(static image => image[Version + 1] = 1), "image-whole", []),
        new("cut", static () => Kernel(Cloud)[..(6 << 20)], "image-whole", ["tools", "kernel"], Exception: "they look at no size: its start would fail"),
        new("cut-header", static () => Kernel(Cloud)[..0x300], "image-whole", []),
        new("low", static () => Changed(static image => image[LoadFlags] &= 0xfe), "zimage", ["ours"], Exception: "ours takes the kernel out of the image"),
        new("no-entry-64", static () => Changed(static image => image[XloadFlags] &= 0xfe), null, ["ours", "tools"]),
        new("below-4g", static () => Changed(static image => image[XloadFlags] &= 0xfd), null, ["ours", "tools"]),
        new("not-relocatable", static () => Changed(static image => image[Relocatable] = 0), null, Loaders),
        new("small-room", static () => Changed(static image => Put(image, InitrdAddrMax, 100)), null, Loaders),
        new("small-room-below-4g", SmallRoom, "initrd-room", []),
        new("long-line", static () => Kernel(Cloud), "cmdline-length", [], 2048),
        new("small-line", static () => Changed(static image => Put(image, CommandLineSize, 100)), "cmdline-length", [], 101),
    ];

    /// <summary>Adds the files to a machine, and the program of kexec-tools.</summary>
    public static void AddTo(KexecMachine machine)
    {
        machine.AddTool();
        machine.AddFile($"{Prefix}-initrd", Initrd());
        foreach (KexecVerdict verdict in All)
            machine.AddFile($"{Prefix}-{verdict.Name}", verdict.Bytes());
    }

    /// <summary>The steps of a stage, and one that takes the files away.</summary>
    public static string Script()
    {
        var script = new StringBuilder();
        foreach (KexecVerdict verdict in All)
        {
            string file = $"{Prefix}-{verdict.Name}";
            string rest = $"{file} --initrd {Prefix}-initrd --cmdline {verdict.Line}";
            string theirs = $"--initrd={Prefix}-initrd --command-line={verdict.Line} {file}";
            string[] commands = [$"bootproto kexec load {rest}", $"bootproto kexec load --file {rest}", $"kexec -c -l {theirs}", $"kexec -s -l {theirs}"];
            foreach ((string loader, string command) in Loaders.Zip(commands))
                script.Append(CultureInfo.InvariantCulture, $"step {verdict.Name}-{loader} {command}\nbootproto kexec unload\n");
        }

        return script.Append(CultureInfo.InvariantCulture, $"rm {Prefix}-*\n").ToString();
    }

    private static byte[] Kernel(string name) => File.ReadAllBytes(Fetched.Find("kernels", name, "vmlinuz"));

    private static byte[] Elf()
    {
        using var opened = BootImage.Open(Kernel(Cloud));
        using Kernel kernel = opened.Decompress();
        return kernel.DecodeAll().ToArray();
    }

    private static byte[] SmallRoom() => Changed(static image =>
    {
        image[XloadFlags] &= 0xfd;
        Put(image, InitrdAddrMax, 100);
    });

    private static byte[] Changed(Action<byte[]> change)
    {
        byte[] changed = Kernel(Cloud);
        change(changed);
        return changed;
    }

    private static void Put(byte[] image, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(offset), value);
}
