using System.Buffers.Binary;

namespace BootProtocol.Decompress;

/// <summary>
/// The LZMA decoder proper: turns range-coded bytes into output, with the output itself as the dictionary. It can stop at any place of the
/// output and go on from there.
/// </summary>
/// <remarks>
/// Rules: the LZMA specification in the LZMA SDK (lzma-specification.txt). SharpCompress's decoder keeps a dictionary of its own, which
/// for a kernel packed with one of 128 MiB means the kernel a second time, and takes 1.25 times as long as xz.
/// </remarks>
internal sealed class LzmaState
{
    /// <summary>Bytes that begin a range-coded stream.</summary>
    public const int StartLength = 5;

    /// <summary>More bytes than any one literal or match can take (20).</summary>
    public const int MostPerSymbol = 24;

    private ushort[] _model = [];
    private LzmaProperties _properties;
    private LzmaProgress _progress = new();

    /// <summary>Makes a decoder that is to be reset.</summary>
    public LzmaState() => Reset(default);

    /// <summary>Whether the range coder is as an encoder leaves it at its end.</summary>
    public bool IsFinished => _progress is { Code: 0, PendingMatch: 0, PendingLiteral: < 0 };

    /// <summary>Forgets all that was learnt, and the last distances.</summary>
    /// <param name="properties">The properties from now on.</param>
    public void Reset(LzmaProperties properties)
    {
        _properties = properties;
        int contexts = 1 << (properties.LiteralContextBits + properties.LiteralPositionBits);
        int length = LzmaModel.Literal + LzmaModel.LiteralCount * contexts;
        if (_model.Length != length)
            _model = new ushort[length];
        Array.Fill(_model, LzmaModel.Half);
        _progress.State = 0;
        _progress.Distance0 = _progress.Distance1 = _progress.Distance2 = _progress.Distance3 = 0;
    }

    /// <summary>Bytes of memory that a decoder with these properties holds.</summary>
    public static int MemoryOf(LzmaProperties properties) => sizeof(ushort)
        * (LzmaModel.Literal + (LzmaModel.LiteralCount << (properties.LiteralContextBits + properties.LiteralPositionBits)));

    /// <summary>Forgets the last distances and the state but keeps the properties.</summary>
    public void Reset() => Reset(_properties);

    /// <summary>Begins a range-coded stream.</summary>
    /// <param name="input">At least <see cref="StartLength"/> bytes.</param>
    /// <returns>False if the first byte is not 0.</returns>
    public bool TryStart(ReadOnlySpan<byte> input)
    {
        _progress.Range = uint.MaxValue;
        _progress.Code = BinaryPrimitives.ReadUInt32BigEndian(input[1..]);
        return input[0] == 0;
    }

    /// <summary>Decodes up to a place of the output.</summary>
    /// <param name="input">The compressed bytes.</param>
    /// <param name="at">Where to go on in them.</param>
    /// <param name="output">The output; memory behind <paramref name="end"/> may be written too.</param>
    /// <param name="to">Where to go on in it.</param>
    /// <param name="end">Where to stop in it.</param>
    /// <param name="looksAhead">
    /// Whether to decode a symbol that has no place in the output any more, which shows whether an end marker follows. It is kept.
    /// </param>
    public LzmaStop Decode(ReadOnlySpan<byte> input, ref int at, Span<byte> output, ref int to, int end, bool looksAhead)
    {
        if (!TryPlacePending(output, end, ref to))
            return LzmaStop.Output;
        while (to < end || looksAhead)
        {
            looksAhead = looksAhead && to < end;
            var stop = input.Length - at > MostPerSymbol
                ? DecodeSymbols(input, ref at, input.Length - MostPerSymbol, output, end, ref to)
                : DecodeTail(input, ref at, output, end, ref to);
            if (stop is LzmaStop.EndMarker or LzmaStop.Distance || at > input.Length)
                return stop;
        }
        return LzmaStop.Output;
    }

    /// <summary>Decodes symbols while the output is below its end and the input below its limit.</summary>
    private unsafe LzmaStop DecodeSymbols(
        ReadOnlySpan<byte> input, ref int at, int inputLimit, Span<byte> output, int end, ref int to)
    {
        // What LzmaRun builds upon.
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)end, (uint)output.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)to, (uint)end);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)inputLimit, (uint)(input.Length - MostPerSymbol));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)at, (uint)inputLimit);
        if (_progress.State >= LzmaModel.LiteralStates && _progress.Distance0 >= (uint)to)
            return LzmaStop.Distance;

        fixed (byte* inputStart = input, outputStart = output)
        fixed (ushort* model = _model)
        {
            var run = new LzmaRun(model, _properties, inputStart + at, outputStart, to, end, output.Length) { Progress = _progress };
            var stop = run.Decode(inputStart + inputLimit);
            _progress = run.Progress;
            at = (int)(run.Input - inputStart);
            to = run.To;
            return stop;
        }
    }

    /// <summary>
    /// Decodes from the last bytes. They get zeros behind them, so that the inner loop need not look for the end at every bit.
    /// </summary>
    private LzmaStop DecodeTail(ReadOnlySpan<byte> input, ref int at, Span<byte> output, int end, ref int to)
    {
        Span<byte> tail = stackalloc byte[2 * MostPerSymbol + 1];
        tail.Clear();
        int left = input.Length - at;
        input[at..].CopyTo(tail);
        int tailAt = 0;
        LzmaStop stop;
        do
        {
            // No more than one byte further at a time: what took more bytes than there are is not output.
            int before = to;
            stop = DecodeSymbols(tail, ref tailAt, tailAt + 1, output, end, ref to);
            if (tailAt > left)
                to = before;
        }
        while (stop == LzmaStop.Input && tailAt <= left);
        at += tailAt;
        return tailAt > left ? LzmaStop.Input : stop;
    }

    /// <summary>Takes in the byte that the range coder would take before the next bit.</summary>
    public LzmaStop Normalize(ReadOnlySpan<byte> input, ref int at)
    {
        if (_progress.Range >= LzmaBits.RangeTop)
            return LzmaStop.Output;
        if (at >= input.Length)
            return LzmaStop.Input;
        _progress.Range <<= 8;
        _progress.Code = _progress.Code << 8 | input[at++];
        return LzmaStop.Output;
    }

    /// <summary>Writes what an earlier call had no room for.</summary>
    /// <returns>False if there still is not room for all of it.</returns>
    private bool TryPlacePending(Span<byte> output, int end, ref int to)
    {
        if (_progress.PendingLiteral >= 0)
        {
            if (to == end)
                return false;
            output[to++] = (byte)_progress.PendingLiteral;
            _progress.PendingLiteral = -1;
        }
        if (_progress.PendingMatch == 0)
            return true;
        int length = Math.Min(_progress.PendingMatch, end - to);
        OverlappingCopy.Copy(output, to, (int)_progress.Distance0 + 1, length);
        to += length;
        _progress.PendingMatch -= length;
        return _progress.PendingMatch == 0;
    }
}
