using System.Buffers.Binary;

namespace BootProtocol.Decompress;

/// <summary>The CRC-64 of the .xz format: ECMA-182's polynomial, lowest bit first (which no class of the platform computes).</summary>
internal static class XzCrc64
{
    private const ulong Polynomial = 0xc96c5795d7870f42;
    private const int TableCount = 8;
    private const int TableLength = 256;

    private static readonly ulong[] s_tables = MakeTables();

    /// <summary>The checksum of some bytes.</summary>
    public static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ulong> tables = s_tables;
        ulong crc = ulong.MaxValue;
        while (bytes.Length >= TableCount)
        {
            ulong word = crc ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            crc = 0;
            for (int i = 0; i < TableCount; i++)
                crc ^= tables[(TableCount - 1 - i) * TableLength + (byte)(word >> (8 * i))];
            bytes = bytes[TableCount..];
        }
        foreach (byte b in bytes)
            crc = crc >> 8 ^ tables[(byte)crc ^ b];
        return ~crc;
    }

    /// <summary>Table n tells what a byte does to the checksum when n more bytes follow it.</summary>
    private static ulong[] MakeTables()
    {
        var tables = new ulong[TableCount * TableLength];
        for (int i = 0; i < TableLength; i++)
        {
            ulong crc = (ulong)i;
            for (int bit = 0; bit < 8; bit++)
                crc = crc >> 1 ^ Polynomial * (crc & 1);
            tables[i] = crc;
        }
        for (int i = TableLength; i < tables.Length; i++)
        {
            ulong before = tables[i - TableLength];
            tables[i] = before >> 8 ^ tables[(byte)before];
        }
        return tables;
    }
}
