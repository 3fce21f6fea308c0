using System.Runtime.InteropServices;

namespace BootProtocol.Memory;

/// <summary>
/// Zeroed memory outside of the garbage collector's heap: pages that are never written to are never there, apart from parts of large ones.
/// </summary>
internal sealed unsafe class NativeBlock : UnmanagedMemory
{
    /// <summary>Allocates.</summary>
    /// <param name="length">Its bytes: more than 0.</param>
    public NativeBlock(int length)
        : base(length)
    {
        Start = (byte*)NativeMemory.AllocZeroed((nuint)length);
        LargePages.Request(new Span<byte>(Start, length));
    }

    protected override void Dispose(bool disposing)
    {
        NativeMemory.Free(Start);
        Start = null;
    }
}
