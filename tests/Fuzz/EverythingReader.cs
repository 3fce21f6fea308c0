using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Relocate;
using BootProtocol.Rules;

namespace BootProtocol.Fuzz;

/// <summary>Asks an image for everything that the library can tell of it.</summary>
internal static class EverythingReader
{
    private static readonly Limits Small = new() { MaximumOutput = 64 << 20, MaximumDecoderMemory = 64 << 20 };

    /// <exception cref="BootException">A part of it is malformed. The other parts have been asked for all the same.</exception>
    public static void Read(byte[] bytes)
    {
        using BootImage image = BootImage.Open(bytes.AsMemory());
        BootException? first = null;
        foreach (Action<BootImage> part in new Action<BootImage>[] { Header, WholeKernel, Notes })
        {
            try
            {
                part(image);
            }
            catch (BootException refused)
            {
                first ??= refused;
            }
        }

        if (first is not null)
            throw first;
    }

    private static void Header(BootImage image)
    {
        _ = image.KernelVersion;
        _ = image.IsTruncated;
        _ = image.TrailingLength;
        _ = image.Checksum;
        if (image.HasSetupHeader)
            _ = image.DescribeSetupHeader()?.Fields.Length;
        _ = image.TryGetKernelInfo(out _, out _);
        _ = image.TryGetPe(out _);
    }

    private static void Notes(BootImage image)
    {
        using Kernel kernel = image.Decompress(Small);
        NoteTable notes = kernel.Notes;
        _ = notes.InSegments.Length;
        _ = notes.Xen.Entry;
        _ = notes.Xen.Features;
        _ = notes.Xen.PaeMode;
        _ = notes.Xen.Phys32Reloc;
        _ = notes.All.Length;
        _ = kernel.BootWays.Length;
    }

    private static void WholeKernel(BootImage image)
    {
        using Kernel kernel = image.Decompress(Small);
        _ = kernel.DecodeAll();
        ElfFile elf = kernel.Elf;
        foreach (Segment segment in elf.LoadSegments)
            _ = elf.Read(segment).Length;
        foreach (Section section in elf.Sections)
            _ = section.Name.Length;
        if (elf.Symbols is { } symbols)
        {
            foreach (SymbolEntry symbol in symbols)
                _ = symbol.Name.Length;
        }

        _ = elf.EndOfFile;
        if (kernel.Relocations is { } relocations)
        {
            foreach (RelocationKind kind in relocations.Kinds)
                _ = relocations[kind].AsSpan().Length;
        }

        _ = kernel.Configuration?.Length;
    }
}
