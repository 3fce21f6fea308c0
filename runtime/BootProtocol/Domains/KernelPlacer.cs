using System.Collections.Immutable;
using System.Globalization;
using BootProtocol.Elf;
using BootProtocol.Kernels;
using BootProtocol.Memory;
using BootProtocol.Relocate;

namespace BootProtocol.Domains;

/// <summary>
/// Brings a kernel into guest memory. A compressed one is decoded to where most of its bytes have to be, so that only segments whose
/// distance from the file's start differs are moved.
/// </summary>
internal sealed class KernelPlacer : IDisposable
{
    private readonly GuestMemory _memory;
    private readonly ImmutableArray<Segment> _segments;
    private readonly bool _ownsKernel;
    private readonly bool _isOverlapping;
    private GuestExtent? _decoded;

    private KernelPlacer(GuestMemory memory, Kernel kernel, ImmutableArray<Segment> segments, GuestExtent? decoded)
    {
        _memory = memory;
        _segments = segments;
        _decoded = decoded;
        _ownsKernel = decoded is not null;
        _isOverlapping = AreOverlapping(segments);
        Kernel = kernel;
        LinkedStart = segments[0].PhysicalAddress;
        ulong end = segments.Max(static segment => segment.PhysicalEnd.Value);
        Length = end - LinkedStart.Value;
        CheckAmount();
    }

    /// <summary>The kernel, decoded as a whole. After <see cref="Place"/> it must not be read any more.</summary>
    public Kernel Kernel { get; }

    /// <summary>The physical address for which its first byte was linked.</summary>
    public Paddr LinkedStart { get; }

    /// <summary>Bytes from its first byte to behind its last one in memory.</summary>
    public ulong Length { get; }

    /// <summary>Decodes a kernel.</summary>
    /// <param name="kernel">The kernel; if all of it is decoded already, it is copied from there.</param>
    /// <param name="memory">Where it will go.</param>
    /// <param name="offset">
    /// Taken from its physical addresses, modulo 2^64, so that a kernel can go up, too; what is given to <see cref="Place"/> may differ,
    /// and then costs a copy.
    /// </param>
    /// <exception cref="BootException">It is no ELF file, has nothing to load, or cannot be decoded.</exception>
    public static KernelPlacer Decode(Kernel kernel, GuestMemory memory, ulong offset = 0)
    {
        ImmutableArray<Segment> segments = kernel.Elf.LoadSegments;
        if (segments.IsEmpty)
            throw new BootFormatException(BootErrorCode.Missing, "kernel", "segments", null, "a segment to load", "none");
        if (kernel.DecodedLength == kernel.Length || !CanDecodeInPlace(kernel, memory, segments, offset, out Paddr start, out long length))
        {
            kernel.DecodeAll();
            return new KernelPlacer(memory, kernel, segments, null);
        }

        Memory<byte> room = memory.Claim(start, length);
        Kernel decoded = kernel.DecodeAgain(room);
        return new KernelPlacer(memory, decoded, segments, memory.Extents.Single(extent => extent.Start == start));
    }

    /// <summary>
    /// Puts every segment where it belongs, clears what the file leaves out, and gives up the memory around the kernel.
    /// </summary>
    /// <param name="start">Where its first byte goes.</param>
    /// <param name="virtualOffset">How much higher than linked it will run; not 0 only if it has relocation lists.</param>
    /// <param name="roomBehind">Bytes behind its last one that are to be claimed with it, and are left zero.</param>
    /// <returns>The memory of the kernel, from its first byte to behind its last, and the room behind it.</returns>
    /// <exception cref="BootException">A relocation lies outside of it.</exception>
    public Memory<byte> Place(Paddr start, ulong virtualOffset = 0, ulong roomBehind = 0)
    {
        RelocationTable? table = virtualOffset == 0 ? null : TakeRelocations();
        Vaddr linkedAt = LinkedAddress(_segments);
        ulong length = Length + roomBehind;
        BringNear(start, length);
        Memory<byte> image = _decoded is { } decoded && IsBelow(decoded, start) ? MoveInPlace(decoded, start, length) : CopyTo(start, length);
        if (table is not null)
            Relocator.Apply(table, image.Span[..(int)Length], linkedAt, virtualOffset);
        return image;
    }

    /// <summary>Makes sure that the kernel can run at other virtual addresses than linked.</summary>
    /// <exception cref="BootException">It has no relocation lists, or broken ones.</exception>
    internal void RequireRelocations()
    {
        if (Kernel.Relocations is null)
            throw new BootRequestException(
                BootErrorCode.NotPossible, "relocations", "", null, "relocation lists behind the kernel, to run it elsewhere", "none");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ownsKernel)
            Kernel.Dispose();
    }

    /// <summary>The virtual address for which the first byte of the kernel was linked.</summary>
    /// <remarks>That of the first segment that has one: per-CPU data are linked at 0, wherever they lie.</remarks>
    public static Vaddr LinkedAddress(ImmutableArray<Segment> segments)
    {
        Segment anchor = segments.FirstOrDefault(static segment => segment.VirtualAddress.Value != 0, segments[0]);
        return new Vaddr(anchor.VirtualAddress.Value - (anchor.PhysicalAddress.Value - segments[0].PhysicalAddress.Value));
    }

    private static bool CanDecodeInPlace(
        Kernel kernel, GuestMemory memory, ImmutableArray<Segment> segments, ulong offset, out Paddr start, out long length)
    {
        start = default;
        length = 0;
        Segment first = segments[0];
        if (first.FileSize == 0)
            return false;
        ulong place = unchecked(first.PhysicalAddress.Value - offset);
        if (place < first.FileOffset)
            return false;
        start = new Paddr(place - first.FileOffset);
        UInt128 behind = (UInt128)first.FileOffset + segments.Max(static segment => segment.PhysicalEnd.Value) - first.PhysicalAddress.Value;
        if (start.Value % GuestMemory.PageSize != 0 || behind > int.MaxValue - GuestMemory.PageSize)
            return false;
        length = Math.Max(kernel.Length, (long)behind);

        // Moving works without a second buffer if the segments come in the same order in the file as in memory, and do not overlap.
        ImmutableArray<Segment> stored = Stored(segments);
        for (int i = 1; i < stored.Length; i++)
        {
            Segment lower = stored[i - 1];
            if (lower.FileOffset + lower.FileSize > stored[i].FileOffset)
                return false;
        }

        return !AreOverlapping(segments) && memory.CanClaim(start, length);
    }

    /// <summary>Whether two segments have a byte of memory in common.</summary>
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

    /// <summary>Gives the decoded bytes another address if the kernel would not come to stand among them.</summary>
    private void BringNear(Paddr start, ulong length)
    {
        if (_decoded is not { } decoded || (IsBelow(decoded, start) && start.Value + length <= decoded.End.Value))
            return;
        ulong before = _segments[0].FileOffset;
        if (start.Value < before || (start.Value - before) % GuestMemory.PageSize != 0)
            return;
        var place = new Paddr(start.Value - before);
        if (_memory.TryReaddress(decoded.Start, place))
            _decoded = decoded with { Start = place };
    }

    /// <summary>The segments that have bytes in the file; the others have no place there, whatever their offset is.</summary>
    private static ImmutableArray<Segment> Stored(ImmutableArray<Segment> segments) =>
        [.. segments.Where(static segment => segment.FileSize != 0)];

    private static bool IsBelow(GuestExtent extent, Paddr start) => extent.Start <= start && start < extent.End;

    private Memory<byte> MoveInPlace(GuestExtent extent, Paddr start, ulong length)
    {
        Span<byte> bytes = extent.Memory.Span;
        ulong end = start.Value + length;
        if (end > extent.End.Value)
            return CopyTo(start, length);
        ImmutableArray<Segment> stored = Stored(_segments);
        for (int i = stored.Length - 1; i >= 0; i--)
        {
            int to = TargetOf(stored[i], extent, start);
            if (to > (int)stored[i].FileOffset)
                Move(bytes, stored[i], to);
        }

        int cleared = 0;
        foreach (Segment segment in stored)
        {
            int to = TargetOf(segment, extent, start);
            if (to < (int)segment.FileOffset)
                Move(bytes, segment, to);
        }

        foreach (Segment segment in stored)
        {
            int to = TargetOf(segment, extent, start);
            bytes[cleared..to].Clear();
            cleared = to + (int)segment.FileSize;
        }

        Paddr keptStart = PageOf(start);
        Paddr keptEnd = PageBehind(end);
        bytes[cleared..(int)(keptEnd.Value - extent.Start.Value)].Clear();
        _memory.Shrink(extent.Start, keptStart, keptEnd);
        _decoded = null;
        return _memory.Slice(start, (int)length);
    }

    private static void Move(Span<byte> bytes, Segment segment, int to) =>
        bytes.Slice((int)segment.FileOffset, (int)segment.FileSize).CopyTo(bytes[to..]);

    private int TargetOf(Segment segment, GuestExtent extent, Paddr start) =>
        (int)(segment.PhysicalAddress.Value - LinkedStart.Value + (start.Value - extent.Start.Value));

    private Memory<byte> CopyTo(Paddr start, ulong length)
    {
        Paddr first = PageOf(start);

        // The new place may be in what the decoded bytes occupy; then these have to be kept outside of the guest's memory.
        ReadOnlyMemory<byte> source = Kernel.DecodeAll();
        if (_decoded is { } decoded && first < decoded.End && decoded.Start.Value < start.Value + length)
        {
            source = source.ToArray();
            GiveUpDecoded();
        }

        _memory.Claim(first, (long)(PageBehind(start.Value + length).Value - first.Value));
        Memory<byte> image = _memory.Slice(start, (int)length);
        if (_isOverlapping)
            LoadInOrder(source.Span, image.Span);
        else
            Load(source.Span, image.Span);
        GiveUpDecoded();
        return image;
    }

    private void Load(ReadOnlySpan<byte> source, Span<byte> image)
    {
        foreach (Segment segment in Stored(_segments))
            source.Slice((int)segment.FileOffset, (int)segment.FileSize).CopyTo(image[PlaceOf(segment)..]);
    }

    /// <summary>
    /// Of segments that overlap, the later program header counts, with its zeros, too: Xen's loader copies and clears in the order of the
    /// program headers (elf_load_binary in xen/common/libelf/libelf-loader.c), and so does every loader that does not look for overlaps.
    /// </summary>
    private void LoadInOrder(ReadOnlySpan<byte> source, Span<byte> image)
    {
        foreach (Segment segment in _segments.Where(static segment => segment.MemorySize != 0).OrderBy(static segment => segment.Index))
        {
            Span<byte> place = image.Slice(PlaceOf(segment), (int)segment.MemorySize);
            if (segment.FileSize != 0)
                source.Slice((int)segment.FileOffset, (int)segment.FileSize).CopyTo(place);
            place[(int)segment.FileSize..].Clear();
        }
    }

    private int PlaceOf(Segment segment) => (int)(segment.PhysicalAddress.Value - LinkedStart.Value);

    private void GiveUpDecoded()
    {
        if (_decoded is { } decoded)
            _memory.Shrink(decoded.Start, decoded.Start, decoded.Start);
        _decoded = null;
    }

    /// <summary>The relocation lists, in memory of their own: where they stand, segments will be.</summary>
    private RelocationTable TakeRelocations()
    {
        RequireRelocations();
        RelocationTable table = Kernel.Relocations!;
        byte[] copy = Kernel.Bytes.Read(table.Offset, table.Length).ToArray();
        return RelocationTable.Read(KernelBytes.FromMemory(copy), 0, Kernel.Elf.Word)!;
    }

    private void CheckAmount()
    {
        UInt128 amount = 0;
        foreach (Segment segment in _segments)
            amount += segment.MemorySize;
        int factor = Kernel.Elf.Limits.MaximumCopyFactor;
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

    private static Paddr PageOf(Paddr address) => new(address.Value & ~(GuestMemory.PageSize - 1UL));

    private static Paddr PageBehind(ulong end) => new((end + GuestMemory.PageSize - 1) & ~(GuestMemory.PageSize - 1UL));
}
