using System.Globalization;

namespace BootProtocol.Memory;

/// <summary>The physical memory of a guest, as far as something is laid out in it. Parts that nobody claimed cost nothing.</summary>
/// <remarks>
/// Builders claim the ranges that they fill, and write into them in place. A guest of Xen has pseudo-physical addresses here. It is for
/// one thread at a time, but may be disposed from several.
/// </remarks>
/// <example><code>
/// using GuestMemory memory = GuestMemory.Allocate();
/// Memory&lt;byte&gt; page = memory.Claim(new Paddr(0x10000), X86Page.Size);
/// "console=ttyS0\0"u8.CopyTo(page.Span);
/// byte[] text = new byte[7];
/// memory.Read(new Paddr(0x10000), text);
/// </code></example>
public abstract class GuestMemory : IDisposable, IAddressSpace
{
    private readonly List<GuestExtent> _extents = [];
    private int _isDisposed;

    /// <summary>The claimed ranges, ascending; no two overlap.</summary>
    public IReadOnlyList<GuestExtent> Extents
    {
        get
        {
            ThrowIfDisposed();
            return _extents;
        }
    }

    /// <summary>Takes memory of this process for guest memory. Only pages that are written to cost anything.</summary>
    public static GuestMemory Allocate() => new LocalGuestMemory();

    /// <summary>Claims a range and clears it.</summary>
    /// <param name="start">Its first address, in bytes; a multiple of the page size.</param>
    /// <param name="length">Its bytes: more than 0, and no more than a span can have.</param>
    /// <returns>The range: writing there is writing to the guest.</returns>
    /// <exception cref="ArgumentException">The start is no page's, the range does not end below 2^64, or some of it is claimed already.</exception>
    /// <exception cref="BootRequestException">The range is longer than 2 GiB less a page.</exception>
    public Memory<byte> Claim(Paddr start, long length)
    {
        ThrowIfDisposed();
        if (start.Value % X86Page.Size != 0)
            throw new ArgumentException($"{start} is not the start of a page.", nameof(start));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        long pages = (long)X86Page.Count((ulong)length);
        if (pages > int.MaxValue / X86Page.Size)
        {
            string found = string.Create(CultureInfo.InvariantCulture, $"{length} bytes");
            throw new BootRequestException(BootErrorCode.TooLarge, "guest memory", "", (long)start.Value, "a range below 2 GiB", found);
        }

        if (!CanClaim(start, pages * X86Page.Size))
            throw new ArgumentException($"Some of the {length} bytes at {start} is claimed already, or not the guest's.", nameof(start));
        Memory<byte> memory = Provide(start, (int)(pages * X86Page.Size));
        _extents.Insert(IndexBehind(start), new GuestExtent(start, memory));
        return memory[..(int)length];
    }

    /// <summary>Whether a range can be claimed: it ends below 2^64, it is the guest's, and nobody claimed any of it.</summary>
    /// <param name="start">Its first address; a page's.</param>
    /// <param name="length">Its bytes.</param>
    public bool CanClaim(Paddr start, long length)
    {
        ThrowIfDisposed();
        int index = IndexBehind(start);
        return ulong.MaxValue - start.Value >= (ulong)length
            && (index == 0 || _extents[index - 1].End <= start)
            && (index == _extents.Count || _extents[index].Start.Value - start.Value >= (ulong)length)
            && Has(start, length);
    }

    /// <summary>Looks up a part of one claimed range.</summary>
    /// <param name="start">Its first address, in bytes.</param>
    /// <param name="length">Its bytes.</param>
    /// <exception cref="ArgumentException">It is not all in one claimed range.</exception>
    public Memory<byte> Slice(Paddr start, int length)
    {
        ThrowIfDisposed();
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        int index = IndexBehind(start) - 1;
        if (index < 0 || _extents[index].End.Value - start.Value < (ulong)length || _extents[index].End < start)
            throw new ArgumentException($"{start} and {length} bytes are not claimed as one.", nameof(start));
        GuestExtent extent = _extents[index];
        return extent.Memory.Slice((int)(start.Value - extent.Start.Value), length);
    }

    /// <summary>Reads any range, claimed or not: what is not claimed is zero.</summary>
    /// <param name="start">Its first address, in bytes.</param>
    /// <param name="destination">Where its bytes go.</param>
    public void Read(Paddr start, Span<byte> destination)
    {
        ThrowIfDisposed();
        destination.Clear();
        ulong end = start.Value + (ulong)destination.Length;
        foreach (GuestExtent extent in _extents)
        {
            ulong from = Math.Max(start.Value, extent.Start.Value);
            ulong to = Math.Min(end, extent.End.Value);
            if (from >= to)
                continue;
            ReadOnlySpan<byte> source = extent.Memory.Span.Slice((int)(from - extent.Start.Value), (int)(to - from));
            source.CopyTo(destination[(int)(from - start.Value)..]);
        }
    }

    /// <summary>Reads the claimed range that an address lies in.</summary>
    ReadOnlySpan<byte> IAddressSpace.Read(ulong address, int most)
    {
        ThrowIfDisposed();
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        int index = IndexBehind(new Paddr(address)) - 1;
        if (index < 0 || _extents[index].End.Value <= address)
            return [];
        ReadOnlySpan<byte> rest = _extents[index].Memory.Span[(int)(address - _extents[index].Start.Value)..];
        return rest[..Math.Min(rest.Length, most)];
    }

    /// <summary>Gives all memory up: from then on every other member throws <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        _extents.Clear();
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives a claimed range up, except for a part of it, which keeps its contents.</summary>
    /// <param name="start">The first address of the claimed range.</param>
    /// <param name="keptStart">The first address to keep; a page's.</param>
    /// <param name="keptEnd">The address behind the last one to keep; a page's. Nothing is kept if it is the first one.</param>
    internal void Shrink(Paddr start, Paddr keptStart, Paddr keptEnd)
    {
        int index = IndexBehind(start) - 1;
        GuestExtent extent = _extents[index];
        int from = (int)(keptStart.Value - extent.Start.Value);
        int to = (int)(keptEnd.Value - extent.Start.Value);
        GiveUp(extent.Start, extent.Memory[..from]);
        GiveUp(keptEnd, extent.Memory[to..]);
        if (from == to)
            _extents.RemoveAt(index);
        else
            _extents[index] = new GuestExtent(keptStart, extent.Memory[from..to]);
    }

    /// <summary>Gives a claimed range another address. Its bytes stay where they are in this process.</summary>
    /// <param name="start">The first address of the claimed range.</param>
    /// <param name="other">Its new first address; a page's.</param>
    /// <returns>False if this memory cannot do that, or not there; then all is as before.</returns>
    internal bool TryReaddress(Paddr start, Paddr other)
    {
        int index = IndexBehind(start) - 1;
        GuestExtent extent = _extents[index];
        if (!IsAddressFree)
            return false;
        _extents.RemoveAt(index);
        bool isFree = CanClaim(other, extent.Memory.Length);
        Paddr place = isFree ? other : start;
        _extents.Insert(IndexBehind(place), new GuestExtent(place, extent.Memory));
        return isFree;
    }

    /// <summary>Whether any memory of this process can stand for any address of the guest.</summary>
    protected virtual bool IsAddressFree => false;

    /// <summary>Whether the guest has such a range at all.</summary>
    /// <param name="start">Its first address; a page's.</param>
    /// <param name="length">Its bytes.</param>
    protected abstract bool Has(Paddr start, long length);

    /// <summary>Provides memory for a range that is being claimed.</summary>
    /// <param name="start">Its first address; a page's.</param>
    /// <param name="length">Its bytes; whole pages.</param>
    /// <returns>That many bytes, all zero.</returns>
    protected abstract Memory<byte> Provide(Paddr start, int length);

    /// <summary>Takes memory back that is no longer claimed, but may be claimed again.</summary>
    /// <param name="start">The first address of the range; a page's.</param>
    /// <param name="memory">Its bytes.</param>
    protected abstract void GiveUp(Paddr start, Memory<byte> memory);

    /// <summary>Gives all memory up; it is called once.</summary>
    protected abstract void Dispose(bool disposing);

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);

    /// <summary>The number of ranges that start at an address or below it.</summary>
    private int IndexBehind(Paddr address)
    {
        int index = _extents.Count;
        while (index > 0 && _extents[index - 1].Start > address)
            index--;
        return index;
    }
}
