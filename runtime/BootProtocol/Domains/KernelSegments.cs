using System.Collections.Immutable;
using System.Globalization;
using BootProtocol.Elf;
using BootProtocol.Memory;

namespace BootProtocol.Domains;

/// <summary>The segments that make up a kernel in memory, and the two ways to bring their bytes there: by a copy, and in place.</summary>
internal sealed class KernelSegments
{
    private readonly ImmutableArray<Segment> _all;

    /// <summary>Those that have bytes in the file; the others have no place there, whatever their offset is.</summary>
    private readonly ImmutableArray<Segment> _stored;
    private readonly bool _areOverlapping;

    /// <summary>Takes the segments of a file.</summary>
    /// <exception cref="BootFormatException">There is none.</exception>
    public KernelSegments(ElfFile file)
    {
        _all = file.LoadSegments;
        if (_all.IsEmpty)
            throw new BootFormatException(BootErrorCode.Missing, "kernel", "segments", null, "a segment to load", "none");
        _stored = [.. _all.Where(static segment => segment.FileSize != 0)];
        _areOverlapping = AreOverlapping(_all);
        LinkedStart = _all[0].PhysicalAddress;
        Length = _all.Max(static segment => segment.PhysicalEnd.Value) - LinkedStart.Value;
    }

    /// <summary>The physical address for which the first byte was linked.</summary>
    public Paddr LinkedStart { get; }

    /// <summary>Bytes from the first one to behind the last one in memory.</summary>
    public ulong Length { get; }

    /// <summary>The virtual address for which the first byte was linked.</summary>
    /// <remarks>That of the first segment that has one: per-CPU data are linked at 0, wherever they lie.</remarks>
    public Vaddr LinkedAddress
    {
        get
        {
            Segment anchor = _all.FirstOrDefault(static segment => segment.VirtualAddress.Value != 0, _all[0]);
            return new Vaddr(anchor.VirtualAddress.Value - (anchor.PhysicalAddress.Value - LinkedStart.Value));
        }
    }

    /// <summary>Where the first segment's bytes are in the file.</summary>
    public ulong FirstFileOffset => _all[0].FileOffset;

    /// <summary>
    /// Whether <see cref="MoveInPlace"/> works: the first segment has bytes, all come in the same order in the file as in memory, and none
    /// overlaps.
    /// </summary>
    public bool CanMoveInPlace
    {
        get
        {
            for (int i = 1; i < _stored.Length; i++)
            {
                Segment lower = _stored[i - 1];
                if (lower.FileOffset + lower.FileSize > _stored[i].FileOffset)
                    return false;
            }

            return !_areOverlapping && _all[0].FileSize != 0;
        }
    }

    /// <summary>Checks that the segments are no larger than memory that can be claimed, and not many times as large as their place.</summary>
    /// <exception cref="BootFormatException">They are.</exception>
    public void CheckAmount(Limits limits)
    {
        UInt128 amount = 0;
        foreach (Segment segment in _all)
            amount += segment.MemorySize;
        int factor = limits.MaximumCopyFactor;
        if (amount > (UInt128)GuestMemory.PagesOf(Length) * GuestMemory.PageSize * (uint)factor)
        {
            throw new BootFormatException(
                BootErrorCode.TooLarge,
                "elf_phdr",
                "p_memsz",
                null,
                string.Create(CultureInfo.InvariantCulture, $"segments of at most {factor} times the pages of the {Length} bytes that they go to"),
                amount.ToString(CultureInfo.InvariantCulture));
        }

        if (Length > int.MaxValue - (2 * GuestMemory.PageSize))
        {
            throw new BootFormatException(
                BootErrorCode.TooLarge, "kernel", "segments", null, "at most 2 GiB in memory", string.Create(CultureInfo.InvariantCulture, $"{Length} bytes"));
        }
    }

    /// <summary>Copies the segments out of the file.</summary>
    /// <param name="file">The decoded kernel.</param>
    /// <param name="image">The place of the kernel's first byte and all others; zero so far.</param>
    /// <remarks>
    /// Of segments that overlap, the later program header counts, with its zeros, too: Xen's loader copies and clears in the order of the
    /// program headers (elf_load_binary in xen/common/libelf/libelf-loader.c), and so does every loader that does not look for overlaps.
    /// </remarks>
    public void Copy(ReadOnlySpan<byte> file, Span<byte> image)
    {
        if (!_areOverlapping)
        {
            foreach (Segment segment in _stored)
                file.Slice((int)segment.FileOffset, (int)segment.FileSize).CopyTo(image[PlaceOf(segment)..]);
            return;
        }

        foreach (Segment segment in _all.Where(static segment => segment.MemorySize != 0).OrderBy(static segment => segment.Index))
        {
            Span<byte> place = image.Slice(PlaceOf(segment), (int)segment.MemorySize);
            if (segment.FileSize != 0)
                file.Slice((int)segment.FileOffset, (int)segment.FileSize).CopyTo(place);
            place[(int)segment.FileSize..].Clear();
        }
    }

    /// <summary>Moves the segments to where they belong within the bytes of the file itself, and clears what lies before and between them.</summary>
    /// <param name="bytes">The decoded kernel, and room behind it.</param>
    /// <param name="start">Where in them the kernel's first byte goes.</param>
    /// <returns>Bytes from the beginning that are as they have to be; what follows is not cleared.</returns>
    public int MoveInPlace(Span<byte> bytes, int start)
    {
        // What goes up starts with the last, what goes down with the first: so nothing is overwritten that is still to be moved.
        for (int i = _stored.Length - 1; i >= 0; i--)
            Move(bytes, _stored[i], start, isUp: true);
        foreach (Segment segment in _stored)
            Move(bytes, segment, start, isUp: false);
        int done = 0;
        foreach (Segment segment in _stored)
        {
            int place = start + PlaceOf(segment);
            bytes[done..place].Clear();
            done = place + (int)segment.FileSize;
        }

        return done;
    }

    private void Move(Span<byte> bytes, Segment segment, int start, bool isUp)
    {
        int from = (int)segment.FileOffset;
        int to = start + PlaceOf(segment);
        if (isUp ? to > from : to < from)
            bytes.Slice(from, (int)segment.FileSize).CopyTo(bytes[to..]);
    }

    private int PlaceOf(Segment segment) => (int)(segment.PhysicalAddress.Value - LinkedStart.Value);

    /// <summary>Whether two segments, in the order of their addresses, have a byte of memory in common.</summary>
    private static bool AreOverlapping(ImmutableArray<Segment> segments)
    {
        Paddr end = default;
        foreach (Segment segment in segments)
        {
            if (segment.MemorySize == 0)
                continue;
            if (segment.PhysicalAddress < end)
                return true;
            end = segment.PhysicalEnd;
        }

        return false;
    }
}
