using System.Runtime.InteropServices;

namespace BootProtocol.Memory;

/// <summary>Asks the system for large pages behind memory that is filled as a whole, such as that of a kernel.</summary>
/// <remarks>
/// A kernel of 50 MiB has 13,000 pages of 4 KiB, and to get each of them on its first use takes longer than to decode LZ4. With pages of
/// 2 MiB there are 25.
/// </remarks>
internal static unsafe class LargePages
{
    // MADV_HUGEPAGE of asm-generic/mman-common.h, the same on all processors that .NET runs on.
    private const int HugePageAdvice = 14;
    private const nuint LargePageLength = 2 << 20;

    // Looked up rather than imported: where there is no such function, there is nothing to ask for.
    private static readonly delegate* unmanaged<nuint, nuint, int, int> _advise = Find();

    /// <summary>Asks for them, where there is anything to win. Whether the system has any does not matter to the memory's contents.</summary>
    /// <param name="memory">The memory.</param>
    public static void Request(Span<byte> memory)
    {
        if (_advise is null)
            return;
        fixed (byte* start = memory)
        {
            // Only large pages that lie inside: what is around is not ours.
            nuint first = ((nuint)start + LargePageLength - 1) & ~(LargePageLength - 1);
            nuint end = ((nuint)start + (nuint)memory.Length) & ~(LargePageLength - 1);
            if (end > first)
                _ = _advise(first, end - first, HugePageAdvice);
        }
    }

    private static delegate* unmanaged<nuint, nuint, int, int> Find() =>
        OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "madvise", out nint function)
            ? (delegate* unmanaged<nuint, nuint, int, int>)function
            : null;
}
