namespace BootProtocol.Symbols;

/// <summary>Writes parts of a file one behind the other, each at a multiple of some bytes.</summary>
internal sealed class AlignedOutput(Stream stream, int alignment)
{
    /// <summary>The bytes that were written.</summary>
    public long Length { get; private set; }

    /// <summary>The next multiple.</summary>
    public static long Align(long offset, int alignment) => (offset + alignment - 1) / alignment * alignment;

    /// <summary>Writes a part right behind what is there.</summary>
    public void Write(ReadOnlySpan<byte> part)
    {
        stream.Write(part);
        Length += part.Length;
    }

    /// <summary>Writes a part at the next multiple.</summary>
    public void WriteAligned(ReadOnlySpan<byte> part)
    {
        Write(new byte[Align(Length, alignment) - Length]);
        Write(part);
    }
}
