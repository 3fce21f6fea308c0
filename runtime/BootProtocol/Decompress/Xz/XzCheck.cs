using System.IO.Hashing;
using BootProtocol.Compression;
using BootProtocol.Hashes;

namespace BootProtocol.Decompress;

/// <summary>The checks that a block of an .xz file may have (.xz file format, 2.1.1.2).</summary>
/// <remarks>
/// The format leaves twelve numbers without a check for later, and allows to decode such blocks unchecked. The kernel's decoder refuses
/// them, and so does this one.
/// </remarks>
internal static class XzCheck
{
    /// <summary>The numbers of the checks that there are, for errors.</summary>
    public const string Known = "00, 01 (CRC32), 04 (CRC64) or 0a (SHA-256)";

    private const int None = 0;
    private const int Crc32Number = 1;
    private const int Crc64Number = 4;
    private const int Sha256Number = 10;

    /// <summary>ECMA-182's polynomial, lowest bit first.</summary>
    private static readonly Crc64ParameterSet s_crc64 = Crc64ParameterSet.Create(0x42f0e1eba9ea3693, ulong.MaxValue, ulong.MaxValue, true);

    /// <summary>Whether there is a check of this number.</summary>
    public static bool IsKnown(int check) => check is None or Crc32Number or Crc64Number or Sha256Number;

    /// <summary>Bytes of a check.</summary>
    /// <param name="check">The check's number, a known one.</param>
    public static int LengthOf(int check) => check switch
    {
        Crc32Number => sizeof(uint),
        Crc64Number => sizeof(ulong),
        Sha256Number => Sha256.HashLength,
        _ => 0,
    };

    /// <summary>Whether output has the check that a block states.</summary>
    /// <param name="check">The check's number, a known one.</param>
    /// <param name="output">The block's output.</param>
    /// <param name="stated">The check as stated, of the right length.</param>
    public static bool IsRight(int check, ReadOnlySpan<byte> output, ReadOnlySpan<byte> stated) => check switch
    {
        Crc32Number => Crc32.HashToUInt32(output) == ContentChecksum.Parse(stated).Value,
        Crc64Number => Crc64.HashToUInt64(s_crc64, output) == XzCrc64.Parse(stated).Value,
        Sha256Number => stated.SequenceEqual(HashFunctions.Hash(HashFunction.Sha256, output)),
        _ => true,
    };

    /// <summary>The check's name, for errors.</summary>
    public static string NameOf(int check) => check switch
    {
        Crc32Number => "block CRC32",
        Crc64Number => "block CRC64",
        _ => "block SHA-256",
    };
}
