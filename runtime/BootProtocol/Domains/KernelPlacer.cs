using BootProtocol.Kernels;
using BootProtocol.Memory;
using BootProtocol.Relocate;

namespace BootProtocol.Domains;

/// <summary>Brings a kernel into guest memory.</summary>
/// <remarks>
/// <para>
/// A compressed kernel is decoded to where most of its bytes have to be (<see cref="Decode"/>), if its segments can be moved within the
/// file's own bytes. Then <see cref="Place"/> takes the first of three routes that leads there:
/// </para>
/// <list type="number">
/// <item>The decoded bytes lie around the place: only segments whose distance from the file's start differs are moved.</item>
/// <item>They lie elsewhere, but by whole pages: they get the address at which they would lie around it, and route 1 follows.</item>
/// <item>Otherwise, the segments are copied out of the decoded bytes, and these are given up.</item>
/// </list>
/// <para>A kernel that is decoded already, as one that was inspected before, takes the third route.</para>
/// </remarks>
internal sealed class KernelPlacer : IDisposable
{
    private readonly GuestMemory _memory;
    private readonly KernelSegments _segments;

    /// <summary>The decoded bytes in the guest's memory; null where the kernel is decoded elsewhere, or after they were given up.</summary>
    private GuestExtent? _decoded;
    private readonly bool _ownsKernel;

    private KernelPlacer(GuestMemory memory, Kernel kernel, KernelSegments segments, GuestExtent? decoded)
    {
        _memory = memory;
        _segments = segments;
        _decoded = decoded;
        _ownsKernel = decoded is not null;
        Kernel = kernel;
        segments.CheckAmount(kernel.Elf.Limits);
    }

    /// <summary>The kernel, decoded as a whole. After <see cref="Place"/> it must not be read any more.</summary>
    public Kernel Kernel { get; }

    /// <summary>The physical address for which its first byte was linked.</summary>
    public Paddr LinkedStart => _segments.LinkedStart;

    /// <summary>Bytes from its first byte to behind its last one in memory.</summary>
    public ulong Length => _segments.Length;

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
        var segments = new KernelSegments(kernel.Elf);
        if (kernel.DecodedLength == kernel.Length || RoomAround(kernel, segments, offset) is not { } room || !memory.CanClaim(room.Start, room.Length))
        {
            kernel.DecodeAll();
            return new KernelPlacer(memory, kernel, segments, null);
        }

        Memory<byte> bytes = memory.Claim(room.Start, room.Length);
        Kernel decoded = kernel.DecodeAgain(bytes);
        return new KernelPlacer(memory, decoded, segments, memory.Extents.Single(extent => extent.Start == room.Start));
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
        ulong length = Length + roomBehind;
        Memory<byte> image = (TryReaddress(start, length) ?? _decoded) is { } around && Holds(around, start, length)
            ? MoveInPlace(around, start, length)
            : Copy(start, length);
        if (table is not null)
            Relocator.Apply(table, image.Span[..(int)Length], _segments.LinkedAddress, virtualOffset);
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

    /// <summary>
    /// The range to decode to, so that the first segment's bytes come to stand in their place; null if the segments cannot be moved within
    /// it, or the range does not start with a page.
    /// </summary>
    private static (Paddr Start, long Length)? RoomAround(Kernel kernel, KernelSegments segments, ulong offset)
    {
        ulong place = unchecked(segments.LinkedStart.Value - offset);
        ulong before = segments.FirstFileOffset;
        UInt128 length = (UInt128)before + segments.Length;
        if (!segments.CanMoveInPlace || place < before || (place - before) % X86Page.Size != 0 || length > int.MaxValue - X86Page.Size)
            return null;
        return (new Paddr(place - before), Math.Max(kernel.Length, (long)length));
    }

    /// <summary>Gives the decoded bytes an address at which they lie around a place; null where that is not needed, or not possible.</summary>
    private GuestExtent? TryReaddress(Paddr start, ulong length)
    {
        ulong before = _segments.FirstFileOffset;
        if (_decoded is not { } decoded || Holds(decoded, start, length))
            return null;
        if (start.Value < before || (start.Value - before) % X86Page.Size != 0)
            return null;
        var place = new Paddr(start.Value - before);
        return _memory.TryReaddress(decoded.Start, place) ? _decoded = decoded with { Start = place } : null;
    }

    private static bool Holds(GuestExtent extent, Paddr start, ulong length) =>
        extent.Start <= start && start < extent.End && start.Value + length <= extent.End.Value;

    private Memory<byte> MoveInPlace(GuestExtent extent, Paddr start, ulong length)
    {
        Span<byte> bytes = extent.Memory.Span;
        int done = _segments.MoveInPlace(bytes, (int)(start.Value - extent.Start.Value));
        Paddr keptEnd = PageBehind(start.Value + length);
        bytes[done..(int)(keptEnd.Value - extent.Start.Value)].Clear();
        _memory.Shrink(extent.Start, PageOf(start), keptEnd);
        _decoded = null;
        return _memory.Slice(start, (int)length);
    }

    private Memory<byte> Copy(Paddr start, ulong length)
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
        _segments.Copy(source.Span, image.Span);

        // Any thread may dispose of a kernel: what was given up meanwhile may have been copied as zeros.
        _ = Kernel.Length;
        GiveUpDecoded();
        return image;
    }

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
        return RelocationTable.Read(Elf.KernelBytes.FromMemory(copy), 0, Kernel.Elf.Word)!;
    }

    private static Paddr PageOf(Paddr address) => new(address.Value & ~(X86Page.Size - 1UL));

    private static Paddr PageBehind(ulong end) => new((end + X86Page.Size - 1) & ~(X86Page.Size - 1UL));
}
