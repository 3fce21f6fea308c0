using System.Collections;
using System.Collections.Immutable;

namespace BootProtocol.Elf;

/// <summary>The segments of an ELF file in the order of their program headers, each read where it stands.</summary>
/// <remarks>
/// A segment is in the list whatever its header says; what is wrong with it stands in <see cref="Faults"/>, and is thrown where its bytes
/// are used.
/// </remarks>
/// <example><code>
/// SegmentList segments = kernel.Elf.Segments;
/// Console.WriteLine($"{segments.Count} segments, {segments.Count(segment =&gt; segment.IsLoadable)} to load");
/// </code></example>
public sealed class SegmentList : IReadOnlyList<Segment>
{
    private const string Structure = "elf_phdr";

    private readonly KernelBytes _bytes;
    private readonly WordSize _word;
    private readonly ElfTable _table;
    private readonly ParseError _tableFault;
    private ImmutableArray<ParseError> _faults;

    internal SegmentList(KernelBytes bytes, WordSize word, ElfTable table, ParseError tableFault)
    {
        _bytes = bytes;
        _word = word;
        _table = table;
        _tableFault = tableFault;
    }

    /// <summary>The number of segments whose program headers are in the file.</summary>
    public int Count => _table.Count;

    /// <summary>
    /// What is wrong with the table of program headers or with what they say, the first 16 of it; empty if nothing is.
    /// </summary>
    public ImmutableArray<ParseError> Faults
    {
        get
        {
            if (_faults.IsDefault)
                _faults = ElfFaults.List(_tableFault, this.Select(segment => FaultOf(segment)));
            return _faults;
        }
    }

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
    /// <exception cref="BootFormatException">A segment or the table does not lie inside the file.</exception>
    internal long FileEnd
    {
        get
        {
            RequireTable();
            long end = _table.End;
            foreach (Segment segment in this)
            {
                Require(segment);
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

    /// <summary>Checks that the program headers are all there.</summary>
    /// <exception cref="BootFormatException">They are not.</exception>
    internal void RequireTable()
    {
        if (_tableFault.IsError)
            throw _tableFault.ToException();
    }

    /// <summary>Checks that a segment lies inside the file and, if it is loaded, has a place in memory.</summary>
    /// <exception cref="BootFormatException">It does not.</exception>
    internal void Require(Segment segment)
    {
        if (FaultOf(segment) is { IsError: true } fault)
            throw fault.ToException();
    }

    /// <summary>Whether the bytes of a segment lie inside the file.</summary>
    internal bool IsInFile(Segment segment) =>
        !HasBytes(segment) || (UInt128)segment.FileOffset + segment.FileSize <= (UInt128)_bytes.Length;

    private static bool HasBytes(Segment segment) => segment.Type != SegmentType.Null && segment.FileSize != 0;

    private ParseError FaultOf(Segment segment)
    {
        if (!IsInFile(segment))
        {
            return ElfFaults.Outside(
                Structure,
                "p_offset",
                At(segment, ProgramHeader.Layout.Offset32.FileOffset, ProgramHeader.Layout.Offset64.FileOffset),
                segment.FileOffset,
                segment.FileSize,
                _bytes.Length).Error;
        }

        if (segment.Type != SegmentType.Load)
            return default;
        if (segment.FileSize > segment.MemorySize)
        {
            long at = At(segment, ProgramHeader.Layout.Offset32.MemorySize, ProgramHeader.Layout.Offset64.MemorySize);
            string expected = ElfFaults.Text($"at least the {segment.FileSize} bytes that the segment has in the file");
            return ElfFaults.Number(Structure, "p_memsz", at, expected, segment.MemorySize).Error;
        }

        if (segment.MemorySize > ulong.MaxValue - segment.PhysicalAddress.Value)
        {
            long at = At(segment, ProgramHeader.Layout.Offset32.MemorySize, ProgramHeader.Layout.Offset64.MemorySize);
            string expected = $"an end below 2^64 for a segment at {segment.PhysicalAddress}";
            return ElfFaults.Number(Structure, "p_memsz", at, expected, segment.MemorySize).Error;
        }

        return default;
    }

    private long At(Segment segment, int narrow, int wide) => _table.At(segment.Index) + (_word == WordSize.Bits32 ? narrow : wide);
}
