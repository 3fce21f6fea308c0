namespace BootProtocol.Specs;

/// <summary>How bytes come to a checksum.</summary>
/// <example><code>
/// var all = new SpecChecksum(SpecChecksumFunction.Sum8, "", "", 0, "sum8 all");
/// Console.WriteLine($"{all.Function} of {(all.First.Length == 0 ? "everything" : all.First)}");
/// </code></example>
public enum SpecChecksumFunction
{
    /// <summary>The number that makes the sum of all bytes a multiple of 2^8, as in tables of ACPI.</summary>
    Sum8,

    /// <summary>The number that makes the sum of all numbers of 16 bits, in the structure's byte order, a multiple of 2^16.</summary>
    Sum16,

    /// <summary>The number that makes the sum of all numbers of 32 bits, in the structure's byte order, a multiple of 2^32, as in Multiboot.</summary>
    Sum32,

    /// <summary>Adler-32 (RFC 1950).</summary>
    Adler32,

    /// <summary>CRC-32 of Ethernet, gzip (RFC 1952) and many others: polynomial 0x04c11db7.</summary>
    Crc32,

    /// <summary>CRC-32C of Castagnoli: polynomial 0x1edc6f41.</summary>
    Crc32C,

    /// <summary>CRC-64 of ECMA-182 as xz has it: polynomial 0x42f0e1eba9ea3693.</summary>
    Crc64,

    /// <summary>xxHash of 32 bits with seed 0, as LZ4 has it.</summary>
    Xxh32,
}
