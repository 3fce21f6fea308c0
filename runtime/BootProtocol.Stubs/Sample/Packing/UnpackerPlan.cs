using System.Collections.Immutable;
using BootProtocol.Sample.Linking;

namespace BootProtocol.Sample.Packing;

/// <summary>What the unpacker is made for. Distances count from the start of the protected-mode part, in bytes.</summary>
internal sealed record UnpackerPlan
{
    private const int TableFrames = 6;
    private const int StackSize = 2 * X86Page.Size;

    /// <summary>The kernel's word size.</summary>
    public required WordSize Word { get; init; }

    /// <summary>Bytes of the protected-mode part.</summary>
    public required int PartSize { get; init; }

    /// <summary>Bytes of the one compressed block.</summary>
    public required int BlockSize { get; init; }

    /// <summary>Bytes of the payload once it is unpacked.</summary>
    public required int UnpackedSize { get; init; }

    /// <summary>What is to be copied out of the unpacked payload.</summary>
    public required ImmutableArray<UnpackedSegment> Segments { get; init; }

    /// <summary>Where the kernel is entered, in bytes from its start.</summary>
    public required int Entry { get; init; }

    /// <summary>Bytes of the kernel in memory.</summary>
    public required int KernelSize { get; init; }

    /// <summary>The page tables that the 32-bit entry makes for a 64-bit kernel: a top one, one of level 3, four of level 2.</summary>
    public int Tables => Align(PartSize, X86Page.Size);

    /// <summary>The end of the stack.</summary>
    public int StackTop => Tables + (TableFrames * X86Page.Size) + StackSize;

    /// <summary>The unpacked payload.</summary>
    public int Buffer => StackTop;

    /// <summary>The end of what the unpacker uses; the kernel comes behind it.</summary>
    public int End => Buffer + Align(UnpackedSize, X86Page.Size);

    /// <summary>
    /// Bytes from the aligned load address that have to be free. Loaded at 1 MiB, the kernel comes to lie at 2 MiB, where that count
    /// starts; loaded at an aligned address, it comes to lie one alignment further on.
    /// </summary>
    public int InitSize => Align(End, GuestLayout.Alignment) + Align(KernelSize, X86Page.Size);

    private static int Align(int value, int alignment) => (value + alignment - 1) / alignment * alignment;
}
