using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace BootProtocol.Kvm.Host;

/// <summary>A mapping of this process: whole pages, at an address that does not change until the last user has released it.</summary>
/// <remarks>
/// Every access names an offset and a length, and is refused where these do not lie in the mapping: <c>offset &lt;= Length</c> and
/// <c>length &lt;= Length - offset</c> cannot overflow. The mapping is there as long as somebody holds it: the maker does until
/// <see cref="Dispose"/>, a machine while it runs.
/// </remarks>
internal sealed unsafe class MappedMemory : IDisposable
{
    private const int ReadAndWrite = 3; // PROT_READ and PROT_WRITE
    private const int Shared = 1; // MAP_SHARED
    private const int PrivateAnonymous = 0x4022; // MAP_PRIVATE, MAP_ANONYMOUS and MAP_NORESERVE
    private const int LargePagesAdvice = 14; // MADV_HUGEPAGE
    private const int UnneededAdvice = 4; // MADV_DONTNEED

    private readonly nint _mapping;
    private readonly nuint _mappingLength;
    private readonly nint _start;
    private int _holders = 1;
    private int _isDisposed;

    private MappedMemory(nint mapping, nuint mappingLength, nint start, ulong length)
    {
        (_mapping, _mappingLength, _start, Length) = (mapping, mappingLength, start, length);
    }

    /// <summary>Its bytes.</summary>
    public ulong Length { get; }

    /// <summary>Where it lies in this process.</summary>
    public ulong Address => (ulong)_start;

    /// <summary>Maps zeros, which cost nothing before they are written to.</summary>
    /// <param name="length">Bytes; whole pages.</param>
    /// <param name="guestAddress">
    /// An address in the guest. The mapping lies as far from the start of a large page as that does, so that a large page of one can be a
    /// large page of the other.
    /// </param>
    /// <exception cref="KvmException">The system has no room.</exception>
    public static MappedMemory Allocate(ulong length, ulong guestAddress)
    {
        bool hasLargePages = length >= X86Page.LargeSize;
        nuint whole = (nuint)length + (hasLargePages ? (nuint)X86Page.LargeSize : 0);
        if (whole < length)
            throw new KvmException($"take {length} bytes of memory", SystemLibrary.NoMemory);
        nint mapping = SystemLibrary.Map(0, whole, ReadAndWrite, PrivateAnonymous, -1, 0);
        if (mapping == -1)
            throw new KvmException($"take {length} bytes of memory", Marshal.GetLastPInvokeError());
        nint start = mapping;
        if (hasLargePages)
        {
            start += (nint)((guestAddress - (ulong)mapping) & (X86Page.LargeSize - 1));
            _ = SystemLibrary.Advise(start, (nuint)length, LargePagesAdvice);
        }

        return new MappedMemory(mapping, whole, start, length);
    }

    /// <summary>Maps a file from its start.</summary>
    /// <exception cref="KvmException">That is not possible.</exception>
    public static MappedMemory OfFile(SafeFileHandle file, int length)
    {
        bool isHeld = false;
        try
        {
            file.DangerousAddRef(ref isHeld);
            nint mapping = SystemLibrary.Map(0, (nuint)length, ReadAndWrite, Shared, (int)file.DangerousGetHandle(), 0);
            return mapping == -1
                ? throw new KvmException("map a processor's state", Marshal.GetLastPInvokeError())
                : new MappedMemory(mapping, (nuint)length, mapping, (ulong)length);
        }
        finally
        {
            if (isHeld)
                file.DangerousRelease();
        }
    }

    /// <summary>A part of it, to be used no longer than somebody holds the mapping.</summary>
    /// <param name="offset">Its first byte.</param>
    /// <param name="length">Its bytes.</param>
    public Span<byte> Span(ulong offset, int length)
    {
        Check(offset, length);
        return new Span<byte>((byte*)_start + offset, length);
    }

    /// <summary>A part of it; after disposal it refuses to be read.</summary>
    /// <inheritdoc cref="Span"/>
    public Memory<byte> Window(ulong offset, int length)
    {
        Check(offset, length);
        return new Part(this, offset, length).Memory;
    }

    /// <summary>Gives the pages of a part back, which is zero then: whole pages.</summary>
    /// <inheritdoc cref="Span"/>
    public void Clear(ulong offset, int length)
    {
        Check(offset, length);
        if (SystemLibrary.Advise(_start + (nint)offset, (nuint)length, UnneededAdvice) != 0)
            Span(offset, length).Clear();
    }

    /// <summary>Keeps the mapping from going away.</summary>
    /// <exception cref="ObjectDisposedException">It has gone.</exception>
    public void Hold()
    {
        int count;
        do
        {
            count = Volatile.Read(ref _holders);
            ObjectDisposedException.ThrowIf(count == 0, this);
        }
        while (Interlocked.CompareExchange(ref _holders, count + 1, count) != count);
    }

    /// <summary>Undoes <see cref="Hold"/>.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
            _ = SystemLibrary.Unmap(_mapping, _mappingLength);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            Release();
    }

    private void Check(ulong offset, int length)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _holders) == 0, this);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)length, Length - offset, nameof(length));
    }

    /// <summary>A part of the mapping whose bounds have been checked.</summary>
    private sealed class Part(MappedMemory owner, ulong offset, int length) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan()
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref owner._isDisposed) != 0, owner);
            return owner.Span(offset, length);
        }

        public override MemoryHandle Pin(int elementIndex = 0)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(elementIndex, length);
            fixed (byte* start = GetSpan())
                return new MemoryHandle(start + elementIndex);
        }

        public override void Unpin()
        {
            // A mapping does not move.
        }

        protected override void Dispose(bool disposing)
        {
            // The mapping is its owner's.
        }
    }
}
