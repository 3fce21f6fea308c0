using BootProtocol.Domains;
using BootProtocol.Elf;
using BootProtocol.Memory;
using ELFSharp.ELF;
using ELFSharp.ELF.Segments;

namespace BootProtocol.Runtime.Tests.Output;

/// <summary>Physical memory as a file brings it along.</summary>
/// <param name="Pieces">Address, bytes, and the size in memory, which zeros fill up.</param>
internal sealed record PhysicalImage(IReadOnlyList<(ulong Address, ReadOnlyMemory<byte> Bytes, ulong Size)> Pieces)
{
    private static readonly byte[] _page = new byte[X86Page.Size];

    /// <summary>An ELF file, as our reader reads it.</summary>
    public static PhysicalImage Ours(byte[] file)
    {
        ElfFile elf = ElfFile.Open(KernelBytes.FromMemory(file));
        return new([.. elf.LoadSegments.Select(segment =>
            (segment.PhysicalAddress.Value, (ReadOnlyMemory<byte>)elf.Read(segment).ToArray(), segment.MemorySize))]);
    }

    /// <summary>An ELF file, as another reader reads it.</summary>
    public static PhysicalImage Theirs(byte[] file)
    {
        using var stream = new MemoryStream(file);
        ELF<ulong> elf = ELFReader.Load<ulong>(stream, shouldOwnStream: false);
        return new([.. elf.Segments.Where(segment => segment.Type == ELFSharp.ELF.Segments.SegmentType.Load).Select(segment =>
            (segment.PhysicalAddress, (ReadOnlyMemory<byte>)(segment.FileSize == 0 ? [] : segment.GetFileContents()), segment.Size))]);
    }

    /// <summary>The file of a raw domain: frame 0 and all that follow.</summary>
    public static PhysicalImage Raw(byte[] file) => new([(0, file, (ulong)file.Length)]);

    /// <summary>All that a domain has in memory, by the physical addresses of the machine that starts it.</summary>
    public static IEnumerable<(ulong Address, ReadOnlyMemory<byte> Bytes)> MemoryOf(Domain domain)
    {
        foreach (GuestExtent extent in domain.Memory.Extents)
        {
            if (domain is not XenPvDomain pv)
            {
                yield return (extent.Start.Value, extent.Memory);
                continue;
            }

            for (int at = 0; at < extent.Memory.Length; at += X86Page.Size)
            {
                Mfn frame = pv.Frames[new Pfn((extent.Start.Value + (ulong)at) / X86Page.Size)];
                yield return (frame.Value * X86Page.Size, extent.Memory.Slice(at, X86Page.Size));
            }
        }

        if (domain is XenPvDomain shared)
            yield return (shared.SharedInfoFrame.Value * X86Page.Size, domain.SharedFrames);
    }

    /// <summary>The first address at which this is not what is expected; null if there is none.</summary>
    public ulong? Difference(IEnumerable<(ulong Address, ReadOnlyMemory<byte> Bytes)> expected)
    {
        foreach ((ulong address, ReadOnlyMemory<byte> bytes) in expected)
        {
            for (int at = 0; at < bytes.Length; at += X86Page.Size)
            {
                ReadOnlySpan<byte> page = bytes.Span.Slice(at, Math.Min(X86Page.Size, bytes.Length - at));
                ReadOnlySpan<byte> found = Read(address + (ulong)at, page.Length);
                int same = found.CommonPrefixLength(page);
                if (same < page.Length)
                    return address + (ulong)(at + same);
            }
        }

        return null;
    }

    /// <summary>What is there, zeros where a piece has no bytes; shorter where no piece goes on.</summary>
    private ReadOnlySpan<byte> Read(ulong address, int length)
    {
        foreach ((ulong start, ReadOnlyMemory<byte> bytes, ulong size) in Pieces)
        {
            if (address < start || address - start >= size)
                continue;
            ulong offset = address - start;
            int count = (int)Math.Min((ulong)length, size - offset);
            if (offset >= (ulong)bytes.Length)
                return _page.AsSpan(0, count);
            ReadOnlySpan<byte> there = bytes.Span[(int)offset..];
            return there.Length >= count ? there[..count] : (byte[])[.. there, .. _page.AsSpan(0, count - there.Length)];
        }

        return [];
    }
}
