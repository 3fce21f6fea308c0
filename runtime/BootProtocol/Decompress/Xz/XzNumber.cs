namespace BootProtocol.Decompress;

/// <summary>The numbers of the .xz format: seven bits a byte, lowest first (.xz file format, 1.2).</summary>
internal static class XzNumber
{
    private const int MostBytes = 9;

    /// <summary>Reads a number.</summary>
    /// <param name="bytes">The bytes; what was read is cut off.</param>
    /// <param name="number">The number, below 2^63.</param>
    /// <returns>False if the bytes end within it, or it is longer than need be.</returns>
    public static bool TryRead(ref ReadOnlySpan<byte> bytes, out ulong number)
    {
        number = 0;
        ParseError error = default;
        if (!ViewAccess.TryMeasureLeb128(bytes, "xz_index", "", 0, out int length, ref error) || length > MostBytes)
            return false;
        number = FieldNumbers.ReadLeb128(bytes[..length]);
        bytes = bytes[length..];
        return true;
    }
}
