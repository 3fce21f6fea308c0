using System.Buffers.Binary;
using System.Numerics;

namespace BootProtocol.Specs;

/// <summary>The functions of checksums.</summary>
/// <remarks>
/// They check headers of some hundred bytes. The decoders use a library for their output; this assembly has no dependency, so that a consumer of
/// views needs none.
/// </remarks>
internal static class SpecChecksums
{
    private const uint Prime1 = 2654435761;
    private const uint Prime2 = 2246822519;
    private const uint Prime3 = 3266489917;
    private const uint Prime4 = 668265263;
    private const uint Prime5 = 374761393;

    /// <summary>The checksum of bytes.</summary>
    /// <param name="function">The function.</param>
    /// <param name="bytes">The bytes.</param>
    /// <param name="isBigEndian">How the numbers of sums are stored.</param>
    public static ulong Compute(SpecChecksumFunction function, ReadOnlySpan<byte> bytes, bool isBigEndian) => function switch
    {
        SpecChecksumFunction.Sum8 => Sum(bytes, sizeof(byte), isBigEndian),
        SpecChecksumFunction.Sum16 => Sum(bytes, sizeof(ushort), isBigEndian),
        SpecChecksumFunction.Sum32 => Sum(bytes, sizeof(uint), isBigEndian),
        SpecChecksumFunction.Adler32 => Adler32(bytes),
        SpecChecksumFunction.Crc32 => Crc(bytes, 0xedb88320, uint.MaxValue),
        SpecChecksumFunction.Crc32C => Crc(bytes, 0x82f63b78, uint.MaxValue),
        SpecChecksumFunction.Crc64 => Crc(bytes, 0xc96c5795d7870f42, ulong.MaxValue),
        _ => Xxh32(bytes),
    };

    /// <summary>What is missing to 0; an incomplete number at the end has zeros behind it.</summary>
    private static ulong Sum(ReadOnlySpan<byte> bytes, int size, bool isBigEndian)
    {
        ulong sum = 0;
        Span<byte> number = stackalloc byte[size];
        for (; bytes.Length > 0; bytes = bytes[Math.Min(size, bytes.Length)..])
        {
            number.Clear();
            bytes[..Math.Min(size, bytes.Length)].CopyTo(number);
            sum += FieldNumbers.Read(number, isBigEndian);
        }

        return unchecked(0 - sum) & (ulong.MaxValue >> (64 - (size * 8)));
    }

    private static uint Adler32(ReadOnlySpan<byte> bytes)
    {
        const uint Modulus = 65521;
        (uint low, uint high) = (1, 0);
        foreach (byte value in bytes)
        {
            low = (low + value) % Modulus;
            high = (high + low) % Modulus;
        }

        return (high << 16) | low;
    }

    /// <summary>A CRC whose bits go from the lowest to the highest, inverted before and after.</summary>
    private static ulong Crc(ReadOnlySpan<byte> bytes, ulong polynomial, ulong mask)
    {
        ulong crc = mask;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) != 0 ? polynomial : 0);
        }

        return crc ^ mask;
    }

    private static uint Xxh32(ReadOnlySpan<byte> bytes)
    {
        uint length = (uint)bytes.Length;
        uint hash = Prime5;
        if (bytes.Length >= 16)
        {
            uint lane1 = unchecked(Prime1 + Prime2);
            uint lane2 = Prime2;
            uint lane3 = 0;
            uint lane4 = unchecked(0 - Prime1);
            for (; bytes.Length >= 16; bytes = bytes[16..])
            {
                lane1 = Round(lane1, bytes);
                lane2 = Round(lane2, bytes[4..]);
                lane3 = Round(lane3, bytes[8..]);
                lane4 = Round(lane4, bytes[12..]);
            }

            hash = BitOperations.RotateLeft(lane1, 1) + BitOperations.RotateLeft(lane2, 7)
                + BitOperations.RotateLeft(lane3, 12) + BitOperations.RotateLeft(lane4, 18);
        }

        hash += length;
        for (; bytes.Length >= 4; bytes = bytes[4..])
            hash = BitOperations.RotateLeft(hash + (Number(bytes) * Prime3), 17) * Prime4;
        foreach (byte value in bytes)
            hash = BitOperations.RotateLeft(hash + (value * Prime5), 11) * Prime1;
        hash = (hash ^ (hash >> 15)) * Prime2;
        hash = (hash ^ (hash >> 13)) * Prime3;
        return hash ^ (hash >> 16);
    }

    private static uint Round(uint lane, ReadOnlySpan<byte> bytes) => BitOperations.RotateLeft(lane + (Number(bytes) * Prime2), 13) * Prime1;

    private static uint Number(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
