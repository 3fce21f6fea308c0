namespace BootProtocol.Sample.Linking;

/// <summary>A named place in a block.</summary>
/// <param name="Name">The name, unique in the image.</param>
/// <param name="Offset">Where it is, in bytes from the start of its block or, once linked, of the image.</param>
/// <param name="IsCode">Whether it names a routine.</param>
internal readonly record struct BlockSymbol(string Name, int Offset, bool IsCode);
