using System.Runtime.InteropServices;

namespace BootProtocol.Allocation;

/// <summary>
/// Asks the system for large pages behind memory that a whole kernel is decoded into, or a guest is built in, and gives pages back.
/// </summary>
/// <remarks>
/// A kernel of 50 MiB has 13,000 pages of 4 KiB, and to get each of them on its first use takes longer than to decode LZ4. With pages of
/// 2 MiB there are 25.
/// </remarks>
internal static unsafe class LargePages
{
    // MADV_HUGEPAGE of asm-generic/mman-common.h, the same on all processors that .NET runs on.
    private const int HugePageAdvice = 14;

    // MADV_DONTNEED, of the same header: anonymous memory reads as zero afterwards.
    private const int UnneededAdvice = 4;

    // Looked up rather than imported: where there is no such function, there is nothing to ask for.
    private static readonly delegate* unmanaged<nuint, nuint, int, int> _advise = Find();

    /// <summary>Asks for them, where there is anything to win. Whether the system has any does not matter to the memory's contents.</summary>
    /// <param name="memory">The memory.</param>
    public static void Request(Span<byte> memory) => Advise(memory, X86Page.LargeSize, HugePageAdvice);

    /// <summary>Gives the pages behind memory back that nobody reads any more. What it holds afterwards is undefined.</summary>
    /// <param name="memory">The memory: an array of this process's own.</param>
    public static void GiveBack(Span<byte> memory) => Advise(memory, (nuint)Environment.SystemPageSize, UnneededAdvice);

    private static void Advise(Span<byte> memory, nuint pageLength, int advice)
    {
        if (_advise is null)
            return;
        fixed (byte* start = memory)
        {
            // Only pages that lie inside: what is around is not ours.
            nuint first = ((nuint)start + pageLength - 1) & ~(pageLength - 1);
            nuint end = ((nuint)start + (nuint)memory.Length) & ~(pageLength - 1);
            if (end > first)
                _ = _advise(first, end - first, advice);
        }
    }

    private static delegate* unmanaged<nuint, nuint, int, int> Find() =>
        OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "madvise", out nint function)
            ? (delegate* unmanaged<nuint, nuint, int, int>)function
            : null;
}
