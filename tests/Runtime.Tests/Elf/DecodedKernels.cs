using System.Collections.Concurrent;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.LinuxX86;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Elf;

/// <summary>Kernels as ELF files: the payloads of Debian's images, unpacked by their own tools, and GRUB's guests for Xen.</summary>
internal static class DecodedKernels
{
    private static readonly ConcurrentDictionary<string, Lazy<byte[]>> _kernels = new();

    /// <summary>Kernels out of bzImages, for theories.</summary>
    public static TheoryData<string> Linux => DebianKernels.BzImages;

    /// <summary>Everything that there is, for theories.</summary>
    public static TheoryData<string> All =>
    [
        .. Linux, "grub-i386-xen.bin", "grub-x86_64-xen.bin", "grub-i386-xen_pvh.bin",
        .. Fetched.IsNewer("grub-xen-sid") ? Array.Empty<string>() : [Grub214For32, Grub214For64, Grub214ForPvh],
        "xen-shim-4.17/xen-shim", "xen-shim-4.20/xen-shim",
    ];

    /// <summary>GRUB 2.14 as 32-bit guest for Xen PV.</summary>
    public static string Grub214For32 => "grub-xen-sid/grub-i386-xen.bin";

    /// <summary>GRUB 2.14 as 64-bit guest for Xen PV.</summary>
    public static string Grub214For64 => "grub-xen-sid/grub-x86_64-xen.bin";

    /// <summary>GRUB 2.14 as PVH guest.</summary>
    public static string Grub214ForPvh => "grub-xen-sid/grub-i386-xen_pvh.bin";

    /// <summary>GNU Mach for Xen, whose notes have an owner that Xen does not look for, so that its section of texts counts.</summary>
    public static TheoryData<string> Mach => ["gnumach-xen-486/gnumach.gz", Mach64];

    /// <summary>GNU Mach for 64 bits.</summary>
    public static string Mach64 => "gnumach-xen-amd64/gnumach.gz";

    /// <summary>A kernel's bytes, with what is appended to it. Not to be written to.</summary>
    public static byte[] Bytes(string name)
    {
        // Whichever test comes first: what is unpacked already is as much of a kernel.
        NeedsAttribute.Check(Need.Kernels, name);
        return _kernels.GetOrAdd(name, static name => new(() => Read(name))).Value;
    }

    public static ElfFile Open(string name) => ElfFile.Open(KernelBytes.FromMemory(Bytes(name)));

    /// <summary>Hands a kernel to a tool that wants a file.</summary>
    public static string RunTool(string program, string[] arguments, string name)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("kernel"), Bytes(name));
        return ToolRun.Start(program, [.. arguments, "kernel"], folder.Path).Succeeded();
    }

    /// <summary>The file that a kernel comes from.</summary>
    public static string Image(string name)
        => name.Split('/') is [var package, var file] ? DebianKernels.Find(package, file)
            : name.EndsWith(".bin", StringComparison.Ordinal) ? DebianKernels.Find("grub-xen", name)
            : DebianKernels.Find(name, "vmlinuz");

    private static byte[] Read(string name)
    {
        string path = Image(name);
        return Path.GetFileName(path) == "vmlinuz" ? Unpack(path)
            : path.EndsWith(".gz", StringComparison.Ordinal) ? Filter.Run("gzip -dc", File.ReadAllBytes(path))
            : File.ReadAllBytes(path);
    }

    private static byte[] Unpack(string path)
    {
        using var image = BootImage.Open(path);
        SetupHeader header = image.SetupHeader;
        int start = image.SetupLength + (int)header.PayloadOffset!.Value;

        // The last four bytes are the size of what is packed, which the tools would take for garbage.
        ReadOnlySpan<byte> payload = image.Bytes.Slice(start, (int)header.PayloadLength!.Value - sizeof(uint));
        using var folder = new TemporaryFolder();
        (string extension, string program, string[] arguments) = payload[0] switch
        {
            0x02 => ("lz4", "lz4", new[] { "-d", "-q", "packed.lz4", "packed" }),
            0x28 => ("zst", "zstd", ["-d", "-q", "--long=31", "packed.zst"]),
            0xfd => ("xz", "xz", ["-d", "packed.xz"]),
            byte other => throw new InvalidOperationException($"{path} has a payload that starts with 0x{other:x}."),
        };
        File.WriteAllBytes(folder.File($"packed.{extension}"), payload);
        _ = ToolRun.Start(program, arguments, folder.Path).Succeeded();
        return File.ReadAllBytes(folder.File("packed"));
    }
}
