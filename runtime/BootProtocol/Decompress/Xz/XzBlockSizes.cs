namespace BootProtocol.Decompress;

/// <summary>A block's entry in the index of an .xz file.</summary>
/// <param name="Unpadded">Bytes of header, compressed data and check.</param>
/// <param name="Output">Bytes of output.</param>
internal readonly record struct XzBlockSizes(ulong Unpadded, ulong Output);
