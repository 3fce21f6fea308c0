using System.Buffers.Binary;
using BootProtocol.Compression;

namespace BootProtocol.Repack;

/// <summary>
/// Makes a stream of the legacy framing of LZ4 as long as its room. Linux before 5.9, and Xen, decode blocks up to the payload's very end, so zeros
/// behind the last one would be one block too many. All of them pass over magic numbers that repeat in front of a block, which fill the room by
/// fours; up to three bytes more come from the last block, some of whose last matches become literals.
/// </summary>
internal static class Lz4Filling
{
    private const int WordLength = sizeof(uint);
    private const int BlockLength = 8 << 20;

    /// <summary>The most sequences and bytes of a match that are tried.</summary>
    private const int MaximumTries = 64;

    /// <summary>Fills the room.</summary>
    /// <param name="room">The room, with the stream at its beginning.</param>
    /// <param name="length">Bytes of the stream; at least one block.</param>
    /// <param name="kernel">What is packed in it.</param>
    /// <returns>Whether the stream ends where its room does; else zeros are behind it.</returns>
    public static bool TryFill(Span<byte> room, int length, ReadOnlySpan<byte> kernel)
    {
        room[length..].Clear();
        int rest = (room.Length - length) % WordLength;
        if (rest != 0)
        {
            int at = LastBlock(room[..length], out int index);
            ReadOnlySpan<byte> output = kernel[Math.Min(kernel.Length, index * BlockLength)..];
            if (Lengthen(room[(at + WordLength)..length], output, rest, room.Length - length) is not { } block)
                return false;
            BinaryPrimitives.WriteUInt32LittleEndian(room[at..], (uint)block.Length);
            block.CopyTo(room[(at + WordLength)..]);
            length = at + WordLength + block.Length;
        }

        int gap = room.Length - length;
        room[WordLength..length].CopyTo(room[(WordLength + gap)..]);
        for (int at = WordLength; at < WordLength + gap; at += WordLength)
            BinaryPrimitives.WriteUInt32LittleEndian(room[at..], Lz4LegacyHeader.Layout.Constant.Magic);
        return true;
    }

    private static int LastBlock(ReadOnlySpan<byte> stream, out int index)
    {
        index = 0;
        int at = WordLength;
        for (int next = End(stream, at); next < stream.Length; next = End(stream, at))
        {
            at = next;
            index++;
        }

        return at;

        static int End(ReadOnlySpan<byte> stream, int at) => at + WordLength + (int)Lz4LegacyBlockHeader.Parse(stream[at..]).Size;
    }

    /// <summary>Makes a block a little longer that decodes to the same.</summary>
    /// <param name="block">The block.</param>
    /// <param name="output">What it decodes to.</param>
    /// <param name="rest">How many bytes longer, modulo 4.</param>
    /// <param name="most">The most bytes longer.</param>
    /// <returns>The other block; null if there is none.</returns>
    private static byte[]? Lengthen(ReadOnlySpan<byte> block, ReadOnlySpan<byte> output, int rest, int most)
    {
        List<Lz4Sequence> sequences = Lz4Sequence.ReadAll(block);
        for (int i = sequences.Count - 1; i >= Math.Max(0, sequences.Count - MaximumTries); i--)
        {
            Lz4Sequence sequence = sequences[i];
            for (int cut = 1; cut <= Math.Min(sequence.Match - Lz4Sequence.ShortestMatch, MaximumTries); cut++)
            {
                Lz4Sequence shorter = sequence with { Match = sequence.Match - cut };
                int literals = output.Length - sequence.Start - shorter.Literals - shorter.Match;
                int longer = sequence.At + shorter.Length + Lz4Sequence.LastLength(literals) - block.Length;
                if (longer <= 0 || longer > most || longer % WordLength != rest)
                    continue;
                var changed = new List<byte>(block.Length + longer);
                changed.AddRange(block[..sequence.At]);
                shorter.Write(changed, output);
                Lz4Sequence.WriteLast(changed, output[^literals..]);
                return [.. changed];
            }
        }

        return null;
    }
}
