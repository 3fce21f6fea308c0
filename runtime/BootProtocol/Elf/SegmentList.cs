using System.Collections;

namespace BootProtocol.Elf;

/// <summary>The segments of an ELF file in the order of their program headers, each read where it stands.</summary>
public sealed class SegmentList : IReadOnlyList<Segment>
{
    private const string Structure = "elf_phdr";

    private readonly KernelBytes _bytes;
    private readonly WordSize _word;
    private readonly ElfTable _table;

    internal SegmentList(KernelBytes bytes, WordSize word, ElfTable table)
    {
        _bytes = bytes;
        _word = word;
        _table = table;
        foreach (Segment segment in this)
            Check(segment);
    }

    /// <summary>The number of segments.</summary>
    public int Count => _table.Count;

    /// <summary>The segment of a program header.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such program header.</exception>
    public Segment this[int index]
    {
        get
        {
            if ((uint)index >= (uint)Count)
                ViewFaults.ThrowIndex(index, Count);
            ReadOnlySpan<byte> bytes = _bytes.Read(_table.At(index), ViewAccess.SizeOf<ProgramHeader>(_word));
            ProgramHeader header = ViewAccess.View<ProgramHeader>(bytes, _word);
            return new Segment(
                index,
                header.Type,
                header.Flags,
                header.FileOffset,
                header.VirtualAddress,
                header.PhysicalAddress,
                header.FileSize,
                header.MemorySize,
                header.Alignment);
        }
    }

    /// <summary>The file offset behind the program headers and the bytes of every segment; 0 if there are none.</summary>
    internal long FileEnd
    {
        get
        {
            long end = _table.End;
            foreach (Segment segment in this)
            {
                if (HasBytes(segment))
                    end = Math.Max(end, (long)(segment.FileOffset + segment.FileSize));
            }

            return end;
        }
    }

    /// <inheritdoc/>
    public IEnumerator<Segment> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
            yield return this[i];
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static bool HasBytes(Segment segment) => segment.Type != SegmentType.Null && segment.FileSize != 0;

    private void Check(Segment segment)
    {
        if (HasBytes(segment) && (UInt128)segment.FileOffset + segment.FileSize > (UInt128)_bytes.Length)
        {
            throw ElfFaults.Outside(
                Structure,
                "p_offset",
                At(segment, ProgramHeader.Layout.Offset32.FileOffset, ProgramHeader.Layout.Offset64.FileOffset),
                segment.FileOffset,
                segment.FileSize,
                _bytes.Length);
        }

        if (segment.Type != SegmentType.Load)
            return;
        if (segment.FileSize > segment.MemorySize)
        {
            long at = At(segment, ProgramHeader.Layout.Offset32.MemorySize, ProgramHeader.Layout.Offset64.MemorySize);
            string expected = ElfFaults.Text($"at least the {segment.FileSize} bytes that the segment has in the file");
            throw ElfFaults.Number(Structure, "p_memsz", at, expected, segment.MemorySize);
        }

        if (segment.MemorySize > ulong.MaxValue - segment.PhysicalAddress.Value)
        {
            long at = At(segment, ProgramHeader.Layout.Offset32.MemorySize, ProgramHeader.Layout.Offset64.MemorySize);
            string expected = $"an end below 2^64 for a segment at {segment.PhysicalAddress}";
            throw ElfFaults.Number(Structure, "p_memsz", at, expected, segment.MemorySize);
        }
    }

    private long At(Segment segment, int narrow, int wide) => _table.At(segment.Index) + (_word == WordSize.Bits32 ? narrow : wide);
}
