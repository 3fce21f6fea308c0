using System.IO.Hashing;

namespace BootProtocol.Images;

/// <summary>The usual CRC-32 of a whole image. A large one is read by two threads: most of the time goes into getting hold of its pages.</summary>
internal static class ImageCrc32
{
    /// <summary>Below this many bytes a second thread costs more than it saves.</summary>
    private const int WorthTwoThreads = 1 << 22;

    private const int StackSize = 1 << 17;

    /// <summary>The polynomial 0x04c11db7 with its bits in reverse, as all numbers here: the highest bit stands for x to the power of 0.</summary>
    private const uint Polynomial = 0xedb88320;

    private const uint One = 1u << 31;
    private const uint ByteShift = 1u << (31 - 8);

    /// <summary>Computes the CRC-32.</summary>
    public static uint Compute(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < WorthTwoThreads || Environment.ProcessorCount == 1)
            return Crc32.HashToUInt32(bytes.Span);

        ReadOnlyMemory<byte> second = bytes[(bytes.Length / 2)..];
        uint secondCrc = 0;
        var thread = new Thread(() => secondCrc = Crc32.HashToUInt32(second.Span), StackSize);
        thread.Start();
        uint firstCrc = Crc32.HashToUInt32(bytes.Span[..^second.Length]);
        thread.Join();
        return Combine(firstCrc, secondCrc, second.Length);
    }

    /// <summary>The CRC-32 of two parts together.</summary>
    /// <param name="first">The CRC-32 of the first part.</param>
    /// <param name="second">The CRC-32 of the second part.</param>
    /// <param name="secondLength">The length of the second part in bytes.</param>
    public static uint Combine(uint first, uint second, int secondLength)
    {
        // Bytes behind a part multiply its remainder by x to the power of 8 for each of them.
        uint shift = One;
        uint power = ByteShift;
        for (int rest = secondLength; rest != 0; rest >>= 1)
        {
            if ((rest & 1) != 0)
                shift = Multiply(shift, power);
            power = Multiply(power, power);
        }

        return Multiply(shift, first) ^ second;
    }

    private static uint Multiply(uint left, uint right)
    {
        uint product = 0;
        for (; left != 0; left <<= 1)
        {
            if ((left & One) != 0)
                product ^= right;
            right = (right & 1) != 0 ? (right >> 1) ^ Polynomial : right >> 1;
        }

        return product;
    }
}
