using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace BootProtocol.Decompress;

/// <summary>The LZ4 block decoder at work: its loop, which uses pointers.</summary>
/// <remarks>
/// Rules: the LZ4 block format description. No access leaves the memory given, and no byte counts as output that was not written here,
/// whatever the input holds:
/// <list type="bullet">
/// <item>Input: 16 bytes of literals are read at once only while <see cref="InputSlack"/> bytes are left, which leaves at least
/// <see cref="ShortestRest"/> behind them; else their number is compared with what is left. A distance is read only where so many
/// bytes are left, and the bytes of a length one by one.</item>
/// <item>Output: vectors are written only while as many bytes are left, else lengths are compared with what is left. A match begins at
/// least one byte back and not before the memory's beginning, and is copied in order, so that each byte is read after it was written.</item>
/// </list>
/// </remarks>
internal static unsafe class Lz4Run
{
    private const int Long = 15;
    private const int ShortestMatch = 4;
    private const int Wide = 16;

    /// <summary>Bytes of output that the longest match with a length of its own in the token may write: 18.</summary>
    private const int ShortMatchRoom = Long - 1 + ShortestMatch;

    /// <summary>The fewest bytes behind literals that are not the last: a distance, a token and the five literals that end a block.</summary>
    private const int ShortestRest = 8;

    /// <summary>Bytes of input from which on literals may be copied without counting them.</summary>
    private const int InputSlack = Wide + ShortestRest;

    // By distance below 16: where in 16 bytes the bytes of the repeated pattern come from, and how many of them are whole patterns.
    private static readonly Vector128<byte>[] s_patterns = MakePatterns();

    /// <summary>Decodes a block.</summary>
    /// <param name="input">The compressed bytes, at least one.</param>
    /// <param name="inputEnd">Their end.</param>
    /// <param name="first">The first byte that may be copied from.</param>
    /// <param name="output">Where the output begins.</param>
    /// <param name="outputEnd">The end of the room for it.</param>
    /// <param name="isPart">Whether a full room ends it well.</param>
    /// <returns>The output's end; null if the block is malformed, or the room too short.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static byte* Decode(byte* input, byte* inputEnd, byte* first, byte* output, byte* outputEnd, bool isPart)
    {
        while (true)
        {
            if (input >= inputEnd)
                return null;
            uint token = *input++;
            nint literals = (nint)(token >> 4);
            if (literals != Long && inputEnd - input >= InputSlack && outputEnd - output >= Wide)
            {
                Vector128.Store(Vector128.Load(input), output);
            }
            else
            {
                if (literals == Long && !TryReadLength(ref input, inputEnd, ref literals))
                    return null;
                nint rest = (nint)(inputEnd - input) - literals;
                if (rest is < ShortestRest and not 0)
                    return null;
                if (literals >= outputEnd - output && (isPart || literals > outputEnd - output || rest != 0))
                {
                    if (!isPart)
                        return null;
                    Copy(input, output, (nint)(outputEnd - output));
                    return outputEnd;
                }
                Copy(input, output, literals);
                if (rest == 0)
                    return output + literals;
            }
            input += literals;
            output += literals;

            nint distance = Unsafe.ReadUnaligned<ushort>(input);
            input += sizeof(ushort);
            nint length = (nint)(token & Long);
            bool isInside = distance <= output - first;
            if (length != Long && distance >= sizeof(ulong) && isInside && outputEnd - output >= ShortMatchRoom)
            {
                byte* from = output - distance;
                Unsafe.WriteUnaligned(output, Unsafe.ReadUnaligned<ulong>(from));
                Unsafe.WriteUnaligned(output + 8, Unsafe.ReadUnaligned<ulong>(from + 8));
                Unsafe.WriteUnaligned(output + 16, Unsafe.ReadUnaligned<ushort>(from + 16));
                output += length + ShortestMatch;
                continue;
            }

            if (length == Long && !TryReadLength(ref input, inputEnd, ref length))
                return null;
            if (distance == 0 || !isInside)
                return null;
            length += ShortestMatch;
            if (length >= outputEnd - output)
            {
                // Literals end a block: a match that fills the room leaves none for them.
                if (!isPart)
                    return null;
                CopyMatch(output, distance, outputEnd, outputEnd);
                return outputEnd;
            }
            CopyMatch(output, distance, output + length, outputEnd);
            output += length;
        }
    }

    /// <summary>Reads what a length has beyond the token: bytes to add, up to one that is not 255.</summary>
    private static bool TryReadLength(ref byte* input, byte* inputEnd, ref nint length)
    {
        while (input < inputEnd)
        {
            byte more = *input++;
            length += more;
            if (more != byte.MaxValue)
                return true;
        }
        return false;
    }

    private static void Copy(byte* from, byte* to, nint length) =>
        new ReadOnlySpan<byte>(from, (int)length).CopyTo(new Span<byte>(to, (int)length));

    /// <summary>Copies a match in order: where source and target overlap, what was just copied is copied again.</summary>
    private static void CopyMatch(byte* to, nint distance, byte* end, byte* outputEnd)
    {
        byte* lastWide = outputEnd - Wide;
        if (distance >= Wide)
        {
            for (; to < end && to <= lastWide; to += Wide)
                Vector128.Store(Vector128.Load(to - distance), to);
        }
        else if (to <= lastWide)
        {
            // What is not yet written of the 16 bytes is not in the pattern.
            Vector128<byte> repeated = Vector128.ShuffleNative(Vector128.Load(to - distance), s_patterns[distance]);
            nint step = Wide - Wide % distance;
            for (; to < end && to <= lastWide; to += step)
                Vector128.Store(repeated, to);
        }
        for (; to < end; to++)
            *to = *(to - distance);
    }

    private static Vector128<byte>[] MakePatterns()
    {
        var patterns = new Vector128<byte>[Wide];
        Span<byte> places = stackalloc byte[Wide];
        for (int distance = 1; distance < Wide; distance++)
        {
            for (int i = 0; i < Wide; i++)
                places[i] = (byte)(i % distance);
            patterns[distance] = Vector128.Create((ReadOnlySpan<byte>)places);
        }
        return patterns;
    }
}
