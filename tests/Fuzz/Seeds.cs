using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.LinuxX86;
using BootProtocol.Output;
using BootProtocol.Sample;
using BootProtocol.Testing;

namespace BootProtocol.Fuzz;

/// <summary>Large inputs to start from: the toolkit's own guests, and what the test kernels' folder has besides kernels.</summary>
internal static class Seeds
{
    private static readonly WordSize[] _words = [WordSize.Bits32, WordSize.Bits64];

    /// <summary>None: the corpus has all.</summary>
    public static IEnumerable<byte[]> None() => [];

    /// <summary>The sample guest as an image, and as one whose ELF file is not packed: what is changed in there is read, and not lost in unpacking.</summary>
    public static IEnumerable<byte[]> Images() => _words.SelectMany(static word =>
    {
        byte[] image = SampleGuest.Create(word);
        return new[] { image, Store(image, Elf(word)) };
    });

    /// <summary>The sample guest as an ELF file with its relocation lists, and GRUB's.</summary>
    public static IEnumerable<byte[]> ElfFiles()
    {
        string grub = Repository.File("tests", ".cache", "kernels", "grub-xen", "grub-x86_64-xen.bin");
        IEnumerable<byte[]> own = _words.Select(Elf);
        return File.Exists(grub) ? own.Append(File.ReadAllBytes(grub)) : own;
    }

    /// <summary>Saved domains of the sample guest.</summary>
    public static IEnumerable<byte[]> SavedDomains() => _words.Select(static word =>
    {
        using BootImage image = BootImage.Open(SampleGuest.Create(word));
        using Kernel kernel = image.Decompress();
        using XenPvDomain domain = new XenPvBuilder { MemorySize = 4 << 20 }.Build(kernel);
        using var file = new MemoryStream();
        XlOutput.Write(domain, file);
        return file.ToArray();
    });

    private static byte[] Elf(WordSize word)
    {
        SampleKernel kernel = SampleKernel.Link(word);
        return [.. kernel.Elf.Span, .. kernel.RelocationBytes.Span];
    }

    private static byte[] Store(byte[] image, byte[] elf)
    {
        byte[] stored = [.. image, .. elf, .. BitConverter.GetBytes(elf.Length), .. new byte[16]];
        Span<byte> header = stored.AsSpan(BootImage.SetupHeaderOffset);
        int code = (SetupHeader.Parse(header).SetupSects + 1) * BootImage.SectorSize;
        _ = new SetupHeader.Author(header, WordSize.Bits64)
        {
            PayloadOffset = (uint)(image.Length - code),
            PayloadLength = (uint)(elf.Length + sizeof(uint)),
            Syssize = (uint)((stored.Length - code) / BootImage.ParagraphSize),
        };
        return stored;
    }
}
