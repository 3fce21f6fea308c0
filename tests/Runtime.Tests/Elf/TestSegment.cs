using BootProtocol.Elf;

namespace BootProtocol.Runtime.Tests.Elf;

/// <summary>A segment of an ELF file that a test makes.</summary>
internal sealed record TestSegment(SegmentType Type, byte[] Data)
{
    public SegmentFlags Flags { get; init; } = SegmentFlags.Read;

    public ulong VirtualAddress { get; init; }

    public ulong PhysicalAddress { get; init; }

    public ulong? MemorySize { get; init; }

    public ulong Alignment { get; init; } = 4;
}
