using System.Buffers.Binary;

namespace BootProtocol.Fuzz.Peers;

/// <summary>
/// Finds matches that the format does not allow. Those of distance 0 liblz4 takes, and leaves the bytes that are in the room: mostly those
/// that it wrote there ahead of time. Those that begin fewer than 12 bytes before a block's end, or have fewer than 5 literals behind them, it
/// refuses in some places, and takes in others; the decoder takes them everywhere.
/// </summary>
internal static class Lz4Matches
{
    private const uint LegacyMagic = 0x184c_2102;
    private const uint FrameMagic = 0x184d_2204;
    private const uint SkippedMagic = 0x184d_2a50; // and the 15 after it
    private const uint Stored = 0x8000_0000;

    private const int ShortestMatch = 4;
    private const int LastMatchDistance = 12;
    private const int LastLiterals = 5;

    /// <summary>Whether a block of a file has one. The file is one that liblz4 or the decoder takes.</summary>
    public static bool AreForbidden(ReadOnlySpan<byte> file)
    {
        for (int at = 0; at < file.Length;)
        {
            uint magic = Word(file[at..]);
            at += sizeof(uint);
            if ((magic & ~0xfU) == SkippedMagic)
                at += sizeof(uint) + (int)Word(file[at..]);
            else if (magic == FrameMagic ? FrameHasOne(file, ref at) : magic == LegacyMagic && LegacyHasOne(file, ref at))
                return true;
        }

        return false;
    }

    private static bool LegacyHasOne(ReadOnlySpan<byte> file, ref int at)
    {
        while (at < file.Length)
        {
            uint length = Word(file[at..]);
            at += sizeof(uint);
            if (length == LegacyMagic)
                continue;
            if (BlockHasOne(file.Slice(at, (int)length)))
                return true;
            at += (int)length;
        }

        return false;
    }

    private static bool FrameHasOne(ReadOnlySpan<byte> file, ref int at)
    {
        byte flags = file[at];
        bool hasBlockChecksum = (flags & 0x10) != 0;
        at += 3 + ((flags & 0x08) != 0 ? sizeof(ulong) : 0) + ((flags & 0x01) != 0 ? sizeof(uint) : 0); // flags, block size, checksum
        while (true)
        {
            uint size = Word(file[at..]);
            at += sizeof(uint);
            if (size == 0)
                break;
            int length = (int)(size & ~Stored);
            if ((size & Stored) == 0 && BlockHasOne(file.Slice(at, length)))
                return true;
            at += length + (hasBlockChecksum ? sizeof(uint) : 0);
        }

        at += (flags & 0x04) != 0 ? sizeof(uint) : 0;
        return false;
    }

    private static bool BlockHasOne(ReadOnlySpan<byte> block)
    {
        int written = 0;
        int? lastMatch = null;
        for (int at = 0; ;)
        {
            byte token = block[at++];
            int literals = Length(block, ref at, token >> 4);
            at += literals;
            written += literals;
            if (at == block.Length)
                return lastMatch is { } start && (written - start < LastMatchDistance || literals < LastLiterals);
            if (BinaryPrimitives.ReadUInt16LittleEndian(block[at..]) == 0)
                return true;
            at += sizeof(ushort);
            lastMatch = written;
            written += ShortestMatch + Length(block, ref at, token & 0xf);
        }
    }

    private static int Length(ReadOnlySpan<byte> block, ref int at, int length)
    {
        if (length < 15)
            return length;
        byte more;
        do
            length += more = block[at++];
        while (more == byte.MaxValue);
        return length;
    }

    private static uint Word(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
