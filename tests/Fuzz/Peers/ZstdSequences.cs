namespace BootProtocol.Fuzz.Peers;

/// <summary>
/// Finds blocks whose sequences libzstd has read otherwise since 1.5.5, as the decoder does: it refuses reserved bits of the sequences' modes
/// (RFC 8878, 3.1.1.3.2.1.1), and takes a number of sequences that says in two bytes that there are none.
/// </summary>
internal static class ZstdSequences
{
    private const uint FrameMagic = 0xfd2f_b528;

    /// <summary>Whether a file has such a block. The file is one that libzstd or the decoder takes.</summary>
    public static bool DifferByVersion(ReadOnlySpan<byte> file)
    {
        for (int at = 0; at < file.Length;)
        {
            uint magic = BitConverter.ToUInt32(file[at..]);
            at += sizeof(uint);
            if (magic != FrameMagic)
                at += sizeof(uint) + (int)BitConverter.ToUInt32(file[at..]);
            else if (FrameDiffers(file, ref at))
                return true;
        }

        return false;
    }

    private static bool FrameDiffers(ReadOnlySpan<byte> file, ref int at)
    {
        byte descriptor = file[at++];
        bool isSingle = (descriptor & 0x20) != 0;
        int size = (descriptor >> 6) switch { 0 => isSingle ? 1 : 0, 1 => 2, 2 => 4, _ => 8 };
        int dictionary = (descriptor & 3) switch { 3 => 4, var bytes => bytes };
        at += (isSingle ? 0 : 1) + dictionary + size;
        bool isLast;
        do
        {
            int header = file[at] | (file[at + 1] << 8) | (file[at + 2] << 16);
            at += 3;
            isLast = (header & 1) != 0;
            int kind = (header >> 1) & 3;
            int length = header >> 3;
            if (kind == 2 && BlockDiffers(file.Slice(at, length)))
                return true;
            at += kind == 1 ? 1 : length;
        }
        while (!isLast);
        at += (descriptor & 4) != 0 ? sizeof(uint) : 0;
        return false;
    }

    private static bool BlockDiffers(ReadOnlySpan<byte> block)
    {
        int at = SequencesAt(block);
        if (at >= block.Length || block[at] == 0)
            return false;
        if (block[at] == 128 && at + 1 < block.Length && block[at + 1] == 0)
            return true;
        at += block[at] switch { < 128 => 1, 255 => 3, _ => 2 };
        return at < block.Length && (block[at] & 3) != 0;
    }

    /// <summary>Where the literals end (RFC 8878, 3.1.1.3.1.1).</summary>
    private static int SequencesAt(ReadOnlySpan<byte> block)
    {
        if (block.IsEmpty)
            return 0;
        int kind = block[0] & 3;
        int format = (block[0] >> 2) & 3;
        if (kind < 2)
        {
            int header = format switch { 1 => 2, 3 => 3, _ => 1 };
            ulong size = Number(block, header) >> (header == 1 ? 3 : 4);
            return header + (kind == 0 ? (int)size : 1);
        }

        (int bytes, int bits) = format switch { 2 => (4, 14), 3 => (5, 18), _ => (3, 10) };
        return bytes + (int)((Number(block, bytes) >> (4 + bits)) & ((1ul << bits) - 1));
    }

    private static ulong Number(ReadOnlySpan<byte> block, int length)
    {
        ulong number = 0;
        for (int i = Math.Min(length, block.Length) - 1; i >= 0; i--)
            number = (number << 8) | block[i];
        return number;
    }
}
