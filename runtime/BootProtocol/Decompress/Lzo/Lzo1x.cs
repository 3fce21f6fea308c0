using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace BootProtocol.Decompress;

/// <summary>Decodes an LZO1X stream. Rules: the Linux kernel's description of the format, Documentation/staging/lzo.rst.</summary>
internal static class Lzo1x
{
    private const int WideLength = 16;

    // What the distances of the three kinds of match begin at.
    private const int FarBase = 0x4000;
    private const int SecondKibibyteBase = 0x801;

    /// <summary>What the instruction before the current one was, as far as the meaning of a first byte below 16 hangs on it.</summary>
    private enum Before
    {
        MatchAlone,
        MatchWithLiterals,
        LiteralRun,
    }

    /// <summary>Decodes a whole stream.</summary>
    /// <param name="input">The stream, to its end mark.</param>
    /// <param name="output">Memory of the output's exact size.</param>
    /// <param name="offset">Where the stream is in the payload, for errors.</param>
    /// <exception cref="BootFormatException">
    /// The stream is cut, has something behind its end mark, copies from before the output's beginning, or has another size.
    /// </exception>
    public static void Decode(ReadOnlySpan<byte> input, Span<byte> output, int offset)
    {
        int at = 0;
        int to = 0;
        var before = Before.MatchAlone;

        // The first byte alone may also stand for a run of literals by itself.
        if (!input.IsEmpty && input[0] > 17)
        {
            int run = input[at++] - 17;
            CopyLiterals(input, ref at, output, ref to, run, offset);
            before = run < 4 ? Before.MatchWithLiterals : Before.LiteralRun;
        }

        while (true)
        {
            if (at >= input.Length)
                throw EndsEarly(offset + at);
            int code = input[at++];
            int length;
            int distance;
            int literals;
            if (code >= 64)
            {
                if (at >= input.Length)
                    throw EndsEarly(offset + at);
                length = (code >> 5) + 1;
                distance = (input[at++] << 3) + ((code >> 2) & 7) + 1;
                literals = code & 3;
            }
            else if (code >= 16)
            {
                int mask = code >= 32 ? 31 : 7;
                length = code & mask;
                if (length == 0)
                    length = ReadLength(input, ref at, mask, offset);
                length += 2;
                if (input.Length - at < 2)
                    throw EndsEarly(offset + input.Length);
                int word = input[at] | input[at + 1] << 8;
                at += 2;
                literals = word & 3;
                distance = (word >> 2) + 1;
                if (code < 32)
                {
                    distance += FarBase - 1 + ((code & 8) << 11);
                    if (distance == FarBase)
                    {
                        CheckEnd(input, at, output, to, length, offset);
                        return;
                    }
                }
            }
            else if (before == Before.MatchAlone)
            {
                int run = (code == 0 ? ReadLength(input, ref at, 15, offset) : code) + 3;
                CopyLiterals(input, ref at, output, ref to, run, offset);
                before = Before.LiteralRun;
                continue;
            }
            else
            {
                if (at >= input.Length)
                    throw EndsEarly(offset + at);
                distance = (input[at++] << 2) + (code >> 2) + 1;
                length = 2;
                if (before == Before.LiteralRun)
                {
                    distance += SecondKibibyteBase - 1;
                    length = 3;
                }
                literals = code & 3;
            }

            if (distance > to)
                throw Fault(offset + at, $"a distance of at most {to}", $"{distance}");
            if (length > output.Length - to)
                throw TooLong(offset + at, output.Length);
            CopyMatch(output, to, distance, length);
            to += length;

            before = Before.MatchAlone;
            if (literals > 0)
            {
                CopyFewLiterals(input, ref at, output, ref to, literals, offset);
                before = Before.MatchWithLiterals;
            }
        }
    }

    /// <summary>Reads a length that did not fit the instruction: each zero byte stands for 255 more, and another byte ends it.</summary>
    private static int ReadLength(ReadOnlySpan<byte> input, ref int at, int start, int offset)
    {
        int zeros = input[at..].IndexOfAnyExcept((byte)0);
        if (zeros < 0)
            throw EndsEarly(offset + input.Length);
        // Beyond a block's output, the exact number does not matter, but it must not wrap.
        long length = start + zeros * 255L + input[at + zeros];
        at += zeros + 1;
        return (int)Math.Min(length, LzopBlock.MaximumLength + 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyLiterals(ReadOnlySpan<byte> input, ref int at, Span<byte> output, ref int to, int length, int offset)
    {
        if (length <= WideLength && input.Length - at >= WideLength && output.Length - to >= WideLength)
            Vector128.Create(input.Slice(at, WideLength)).CopyTo(output.Slice(to, WideLength));
        else if (length > input.Length - at)
            throw EndsEarly(offset + input.Length);
        else if (length > output.Length - to)
            throw TooLong(offset + at, output.Length);
        else
            input.Slice(at, length).CopyTo(output[to..]);
        at += length;
        to += length;
    }

    /// <summary>Copies one to three bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyFewLiterals(ReadOnlySpan<byte> input, ref int at, Span<byte> output, ref int to, int length, int offset)
    {
        if (input.Length - at >= 4 && output.Length - to >= 4)
        {
            var from = input.Slice(at, 4);
            var place = output.Slice(to, 4);
            place[2] = from[2];
            place[1] = from[1];
            place[0] = from[0];
            at += length;
            to += length;
            return;
        }
        CopyLiterals(input, ref at, output, ref to, length, offset);
    }

    /// <summary>Copies from the output's own last bytes; where the two overlap, what was just copied is copied again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyMatch(Span<byte> output, int to, int distance, int length)
    {
        if (distance >= WideLength && output.Length - to >= length + WideLength)
        {
            int from = to - distance;
            int end = to + length;
            do
            {
                Vector128.Create((ReadOnlySpan<byte>)output.Slice(from, WideLength)).CopyTo(output.Slice(to, WideLength));
                from += WideLength;
                to += WideLength;
            }
            while (to < end);
            return;
        }
        OverlappingCopy.Copy(output, to, distance, length);
    }

    private static void CheckEnd(ReadOnlySpan<byte> input, int at, Span<byte> output, int to, int length, int offset)
    {
        if (length != 3)
            throw Fault(offset + at, "an end mark of length 3", $"one of length {length}");
        if (at != input.Length)
            throw Fault(offset + at, "nothing after the end mark", $"{input.Length - at} bytes");
        if (to != output.Length)
            throw Fault(offset + at, $"{output.Length} bytes of output", $"{to}");
    }

    private static BootFormatException EndsEarly(int offset) => Fault(offset, "more bytes", "the end of the block");

    private static BootFormatException TooLong(int offset, int length) => Fault(offset, $"{length} bytes of output", "more");

    private static BootFormatException Fault(int offset, string expected, string found) =>
        PayloadFault.Make(PayloadFormat.Lzo, "block", offset, expected, found);
}
