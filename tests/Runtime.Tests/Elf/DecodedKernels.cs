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
        ["6.1-cloud-amd64", "6.12-amd64", "6.1-686-pae", "grub-i386-xen.bin", "grub-x86_64-xen.bin", "grub-i386-xen_pvh.bin"];

    /// <summary>A kernel's bytes, with what is appended to it. Not to be written to.</summary>
    public static byte[] Bytes(string name) => _kernels.GetOrAdd(name, static name => new(() => Read(name))).Value;

    public static ElfFile Open(string name) => ElfFile.Open(KernelBytes.FromMemory(Bytes(name)));

    /// <summary>Hands a kernel to a tool that wants a file.</summary>
    public static string RunTool(string program, string[] arguments, string name)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("kernel"), Bytes(name));
        return ToolRun.Start(program, [.. arguments, "kernel"], folder.Path).Succeeded();
    }

    /// <summary>The file that a kernel comes from.</summary>
    public static string Image(string name) => name.StartsWith("grub", StringComparison.Ordinal)
        ? DebianKernels.Find("grub-xen", name)
        : DebianKernels.Find(name, "vmlinuz");

    private static byte[] Read(string name) => name.StartsWith("grub", StringComparison.Ordinal)
        ? File.ReadAllBytes(Image(name))
        : Unpack(Image(name));

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
