using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace BootProtocol.Decompress;

/// <summary>The checks that a block of an .xz file may have (.xz file format, 2.1.1.2).</summary>
internal static class XzCheck
{
    /// <summary>The highest number of a check.</summary>
    public const int Highest = 15;

    private const int Crc32Number = 1;
    private const int Crc64Number = 4;
    private const int Sha256Number = 10;

    /// <summary>Bytes of a check; those without a definition have theirs reserved.</summary>
    /// <param name="check">The check's number: 0 to <see cref="Highest"/>.</param>
    public static int LengthOf(int check) => check == 0 ? 0 : 4 << (check - 1) / 3;

    /// <summary>
    /// Whether output has the check that a block states. One that has no definition is passed over, as the format allows.
    /// </summary>
    /// <param name="check">The check's number.</param>
    /// <param name="output">The block's output.</param>
    /// <param name="stated">The check as stated, of the right length.</param>
    public static bool IsRight(int check, ReadOnlySpan<byte> output, ReadOnlySpan<byte> stated) => check switch
    {
        Crc32Number => Crc32.HashToUInt32(output) == BinaryPrimitives.ReadUInt32LittleEndian(stated),
        Crc64Number => XzCrc64.Hash(output) == BinaryPrimitives.ReadUInt64LittleEndian(stated),
        Sha256Number => stated.SequenceEqual(SHA256.HashData(output)),
        _ => true,
    };

    /// <summary>The check's name, for errors.</summary>
    public static string NameOf(int check) => check switch
    {
        Crc32Number => "block CRC32",
        Crc64Number => "block CRC64",
        Sha256Number => "block SHA-256",
        _ => "block check",
    };
}
