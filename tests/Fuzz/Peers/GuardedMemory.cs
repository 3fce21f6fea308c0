using System.Buffers;
using System.Runtime.InteropServices;

namespace BootProtocol.Fuzz.Peers;

/// <summary>
/// Memory that ends where the next page cannot be touched, and begins behind a page that cannot be: a decoder that reads or writes one byte
/// further ends the program.
/// </summary>
internal sealed unsafe partial class GuardedMemory : MemoryManager<byte>
{
    private const int PageSize = 4096;
    private const int Private = 0x2; // MAP_PRIVATE
    private const int Anonymous = 0x20; // MAP_ANONYMOUS
    private const int None = 0x0; // PROT_NONE
    private const int ReadWrite = 0x3; // PROT_READ | PROT_WRITE

    private readonly byte* _end;
    private readonly int _capacity;
    private int _length;

    /// <summary>Makes memory for up to so many bytes; all of it is used until <see cref="Resize"/>.</summary>
    public GuardedMemory(int capacity)
    {
        int pages = (capacity + PageSize - 1) / PageSize * PageSize;
        byte* start = (byte*)Map(null, (nuint)pages + (2 * PageSize), None, Private | Anonymous, -1, 0);
        if ((nint)start == -1 || Protect(start + PageSize, (nuint)pages, ReadWrite) != 0)
            throw new InvalidOperationException($"no memory with guards: {Marshal.GetLastPInvokeErrorMessage()}");
        _end = start + PageSize + pages;
        _capacity = capacity;
        _length = capacity;
    }

    /// <summary>The first byte; the last one is before the guard, and the first too where the length is whole pages.</summary>
    public byte* Start => _end - _length;

    /// <summary>Uses the last bytes of it.</summary>
    public void Resize(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _capacity);
        _length = length;
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => new(Start, _length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new(Start + elementIndex);

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <summary>The memory is there as long as the program.</summary>
    protected override void Dispose(bool disposing)
    {
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial void* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(void* address, nuint length, int protection);
}
