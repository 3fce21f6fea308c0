namespace BootProtocol.Sample.Linking;

/// <summary>Bytes that stay together, as they come out of one pass over the program.</summary>
/// <param name="Bytes">The contents; empty if the block is reserved memory.</param>
/// <param name="Size">The size in memory, in bytes.</param>
/// <param name="Symbols">The names in it, in the order of their definition.</param>
/// <param name="Relocations">The places that change when the image moves.</param>
internal sealed record Block(byte[] Bytes, int Size, IReadOnlyList<BlockSymbol> Symbols, IReadOnlyList<Relocation> Relocations);
