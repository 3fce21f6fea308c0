using BootProtocol.Elf;

namespace BootProtocol.Runtime.Tests.Elf;

/// <summary>A section of an ELF file that a test makes.</summary>
internal sealed record TestSection(string Name, SectionType Type, byte[] Data)
{
    /// <summary>A section's index; the first one that a test makes has 1.</summary>
    public uint Link { get; init; }

    public uint Info { get; init; }

    public SectionFlags Flags { get; init; }

    public ulong EntrySize { get; init; }

    public ulong Address { get; init; }

    public ulong Alignment { get; init; } = 4;

    /// <summary>The size, if it is not that of the data: for sections that take no room.</summary>
    public ulong? Size { get; init; }
}
