using System.Buffers.Binary;

namespace BootProtocol.Decompress;

/// <summary>The checksum of bzip2: the polynomial of CRC-32, but highest bit first (which no class of the platform computes).</summary>
internal static class Bzip2Crc
{
    private const uint Polynomial = 0x04c11db7;
    private const int TableCount = 8;
    private const int TableLength = 256;

    private static readonly uint[] s_tables = MakeTables();

    /// <summary>The checksum of some bytes.</summary>
    public static uint Hash(ReadOnlySpan<byte> bytes)
    {
        var tables = s_tables.AsSpan(0, TableCount * TableLength);
        uint crc = uint.MaxValue;
        while (bytes.Length >= TableCount)
        {
            uint high = crc ^ BinaryPrimitives.ReadUInt32BigEndian(bytes);
            uint low = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
            crc = tables[7 * TableLength + (int)(high >> 24)]
                ^ tables[6 * TableLength + (byte)(high >> 16)]
                ^ tables[5 * TableLength + (byte)(high >> 8)]
                ^ tables[4 * TableLength + (byte)high]
                ^ tables[3 * TableLength + (int)(low >> 24)]
                ^ tables[2 * TableLength + (byte)(low >> 16)]
                ^ tables[TableLength + (byte)(low >> 8)]
                ^ tables[(byte)low];
            bytes = bytes[TableCount..];
        }
        foreach (byte b in bytes)
            crc = crc << 8 ^ tables[(byte)(crc >> 24) ^ b];
        return ~crc;
    }

    /// <summary>Table n tells what a byte does to the checksum when n more bytes follow it.</summary>
    private static uint[] MakeTables()
    {
        var tables = new uint[TableCount * TableLength];
        for (int i = 0; i < TableLength; i++)
        {
            uint crc = (uint)i << 24;
            for (int bit = 0; bit < 8; bit++)
                crc = crc << 1 ^ Polynomial * (crc >> 31);
            tables[i] = crc;
        }
        for (int i = TableLength; i < tables.Length; i++)
        {
            uint before = tables[i - TableLength];
            tables[i] = before << 8 ^ tables[before >> 24];
        }
        return tables;
    }
}
