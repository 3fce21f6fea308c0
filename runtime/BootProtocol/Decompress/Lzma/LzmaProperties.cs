namespace BootProtocol.Decompress;

/// <summary>How many bits of context literals and positions have, packed in one byte as (pb * 5 + lp) * 9 + lc.</summary>
/// <param name="LiteralContextBits">lc: high bits of the byte before that choose a literal's probabilities, 0 to 8.</param>
/// <param name="LiteralPositionBits">lp: low bits of the position that choose them too, 0 to 4.</param>
/// <param name="PositionBits">pb: low bits of the position that choose the probabilities of what comes next, 0 to 4.</param>
internal readonly record struct LzmaProperties(int LiteralContextBits, int LiteralPositionBits, int PositionBits)
{
    /// <summary>Unpacks the byte.</summary>
    /// <returns>False if no properties pack to it.</returns>
    public static bool TryUnpack(byte packed, out LzmaProperties properties)
    {
        properties = new LzmaProperties(packed % 9, packed / 9 % 5, packed / 45);
        return packed < 9 * 5 * 5;
    }
}
