namespace BootProtocol.Decompress;

/// <summary>The Adler-32 checksum (RFC 1950, 8.2).</summary>
internal static class Adler32
{
    private const uint Modulus = 65_521;

    // The most bytes whose sums fit 32 bits (RFC 1950, 9: 5552), rounded down to whole steps.
    private const int StepsLength = 5_536;

    /// <summary>The checksum of some bytes.</summary>
    public static uint Hash(ReadOnlySpan<byte> bytes)
    {
        uint low = 1;
        uint high = 0;
        while (!bytes.IsEmpty)
        {
            var part = bytes[..Math.Min(StepsLength, bytes.Length)];
            bytes = bytes[part.Length..];
            while (part.Length >= 16)
            {
                // After 16 bytes, high has 16 times the old low, and each byte as often as sums were taken from it on.
                var b = part[..16];
                uint sum = (uint)(b[0] + b[1] + b[2] + b[3] + b[4] + b[5] + b[6] + b[7]
                    + b[8] + b[9] + b[10] + b[11] + b[12] + b[13] + b[14] + b[15]);
                uint weighted = (uint)(16 * b[0] + 15 * b[1] + 14 * b[2] + 13 * b[3] + 12 * b[4] + 11 * b[5] + 10 * b[6] + 9 * b[7]
                    + 8 * b[8] + 7 * b[9] + 6 * b[10] + 5 * b[11] + 4 * b[12] + 3 * b[13] + 2 * b[14] + b[15]);
                high += 16 * low + weighted;
                low += sum;
                part = part[16..];
            }
            foreach (byte b in part)
            {
                low += b;
                high += low;
            }
            low %= Modulus;
            high %= Modulus;
        }
        return high << 16 | low;
    }
}
