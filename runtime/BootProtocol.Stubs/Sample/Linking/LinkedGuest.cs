using System.Collections.Immutable;

namespace BootProtocol.Sample.Linking;

/// <summary>The guest at its addresses.</summary>
internal sealed record LinkedGuest
{
    /// <summary>The word size.</summary>
    public required WordSize Word { get; init; }

    /// <summary>The virtual address at which the image starts.</summary>
    public required ulong ImageAddress { get; init; }

    /// <summary>The sections, in the order of their addresses.</summary>
    public required ImmutableArray<GuestSection> Sections { get; init; }

    /// <summary>The symbols; offsets count from the start of the image.</summary>
    public required ImmutableArray<BlockSymbol> Symbols { get; init; }

    /// <summary>The relocations, in the order of their addresses; offsets count from the start of the image.</summary>
    public required ImmutableArray<Relocation> Relocations { get; init; }

    /// <summary>Bytes of the image in memory.</summary>
    public int Size => Sections[^1].Offset + Sections[^1].Size;

    /// <summary>How far a symbol is from the start of the image, in bytes.</summary>
    public int OffsetOf(string symbol) => Symbols.First(entry => entry.Name == symbol).Offset;
}
