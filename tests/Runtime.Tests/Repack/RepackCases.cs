using System.Buffers.Binary;
using System.Text;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Repack;
using BootProtocol.Runtime.Tests.Checks;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Runtime.Tests.Kernels;
using BootProtocol.Runtime.Tests.Symbols;

namespace BootProtocol.Runtime.Tests.Repack;

/// <summary>Kernels and images that the tests repack.</summary>
internal static class RepackCases
{
    /// <summary>What the tests change.</summary>
    public const string Banner = "Linux version 9.9.9";

    private const string NewBanner = "LINUX VERSION 9.9.9";
    private const int TextLength = 200_000;

    /// <summary>A kernel: an ELF file of one segment, with text in it that packs as code does, about to a third.</summary>
    public static byte[] Kernel(WordSize word = WordSize.Bits64, ulong physical = 0x1000000)
    {
        var random = new Random(3);
        byte[] data = new byte[TextLength];
        for (int i = 0; i < data.Length; i++)
            data[i] = (byte)(i % 16 < 6 ? random.Next(256) : i % 16);
        Encoding.ASCII.GetBytes(Banner, data.AsSpan(0x400));
        return new TestElf { Word = word }.Add(new TestSegment(SegmentType.Load, data) { PhysicalAddress = physical, Alignment = 64 }).Build();
    }

    /// <summary>The same with another banner.</summary>
    public static byte[] Changed(byte[] kernel)
    {
        byte[] changed = (byte[])kernel.Clone();
        Encoding.ASCII.GetBytes(NewBanner, changed.AsSpan(kernel.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Banner))));
        return changed;
    }

    /// <summary>The same with nothing that packs behind its headers.</summary>
    public static byte[] Unpackable(byte[] kernel)
    {
        byte[] changed = (byte[])kernel.Clone();
        new Random(4).NextBytes(changed.AsSpan(0x100, TextLength - 0x100));
        return changed;
    }

    /// <summary>An image of a kernel, packed quickly, with gzip: .NET's own, which needs no tool.</summary>
    public static byte[] Image(byte[] kernel) => PackedImage.Create(PackedImage.Gzip(kernel));

    /// <summary>Repacks an image.</summary>
    public static byte[] Repack(byte[] image, ImageRepacker repacker)
    {
        using var opened = BootImage.Open(image);
        return repacker.Repack(opened).ToArray();
    }

    /// <summary>The kernel that our reader finds in an image.</summary>
    public static byte[] KernelOf(byte[] image)
    {
        using var opened = BootImage.Open(image);
        using Kernel kernel = opened.Decompress();
        return kernel.DecodeAll().ToArray();
    }

    /// <summary>A kernel with symbols, and at some of them an archive with its size, or a command line.</summary>
    /// <param name="named">Symbols, by name, and where they are in the segment.</param>
    /// <param name="place">Writes into the segment.</param>
    /// <param name="word">The word size.</param>
    public static byte[] WithSymbols((string Name, int Offset)[] named, Action<Memory<byte>> place, WordSize word = WordSize.Bits64)
    {
        KallsymsWriter empty = new() { Layout = KallsymsLayout.OffsetsBehind, Word = word, Symbols = [] };
        List<(ulong, string)> symbols = KallsymsWriter.MakeSymbols(3000, empty.ImageStart);

        // None of the others may end one of these early.
        symbols.RemoveAll(symbol => symbol.Item1 >= empty.ImageStart + 0x8000);
        symbols.AddRange(named.Select(symbol => (empty.ImageStart + (ulong)symbol.Offset, $"d{symbol.Name}")));
        var writer = new KallsymsWriter
        {
            Layout = KallsymsLayout.OffsetsBehind,
            Word = word,
            Symbols = [.. symbols.OrderBy(symbol => symbol.Item1).ThenBy(symbol => symbol.Item2, StringComparer.Ordinal)],
        };
        byte[] file = writer.Build();
        int offset = (int)ElfFile.Open(KernelBytes.FromMemory(file)).LoadSegments[0].FileOffset;
        place(file.AsMemory(offset));
        return file;
    }

    /// <summary>An archive, padded as the kernel's build pads it, with its size behind it.</summary>
    public static byte[] EmbeddedArchive(WordSize word)
    {
        byte[] archive = CheckCases.Archive(("dev/console", []), ("root", []));
        byte[] padded = new byte[(archive.Length + 511) & -512];
        archive.CopyTo(padded, 0);
        byte[] size = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(size, padded.Length);
        return [.. padded, .. size[..((int)word / 8)]];
    }
}
