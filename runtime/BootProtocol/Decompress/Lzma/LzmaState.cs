using System.Buffers.Binary;

namespace BootProtocol.Decompress;

/// <summary>
/// The LZMA decoder proper: turns range-coded bytes into output, with the output itself as the dictionary. It can stop at any place of the
/// output and go on from there.
/// </summary>
/// <remarks>
/// Rules: the LZMA specification in the LZMA SDK (lzma-specification.txt). The registry's LZMA decoder keeps a dictionary of its own, which
/// for a kernel packed with one of 128 MiB means the kernel a second time, and takes 1.25 times as long as xz.
/// </remarks>
internal sealed partial class LzmaState
{
    /// <summary>Bytes that begin a range-coded stream.</summary>
    public const int StartLength = 5;

    // More than any one literal or match can take (20).
    private const int MostPerSymbol = 24;
    private const uint RangeTop = 1 << 24;

    private ushort[] _model = [];
    private LzmaProperties _properties;
    private uint _range;
    private uint _code;
    private int _state;
    private uint _distance0;
    private uint _distance1;
    private uint _distance2;
    private uint _distance3;

    // What of the last symbol the output had no room for.
    private int _pendingMatch;
    private int _pendingLiteral = -1;

    /// <summary>Whether the range coder is as an encoder leaves it at its end.</summary>
    public bool IsFinished => _code == 0 && _pendingMatch == 0 && _pendingLiteral < 0;

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
        _state = 0;
        _distance0 = _distance1 = _distance2 = _distance3 = 0;
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
        _range = uint.MaxValue;
        _code = BinaryPrimitives.ReadUInt32BigEndian(input[1..]);
        return input[0] == 0;
    }

    /// <summary>Decodes up to a place of the output.</summary>
    /// <param name="input">The compressed bytes.</param>
    /// <param name="at">Where to go on in them.</param>
    /// <param name="output">The output; memory behind <paramref name="end"/> may be written too.</param>
    /// <param name="to">Where to go on in it.</param>
    /// <param name="end">Where to stop in it.</param>
    /// <param name="looksAhead">
    /// Whether to decode a symbol that has no place in the output any more, which tells whether an end marker follows. It is kept.
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

    /// <summary>
    /// Decodes from the last bytes. They get zeros behind them, so that the inner loop need not look for the end at every bit.
    /// </summary>
    private LzmaStop DecodeTail(ReadOnlySpan<byte> input, ref int at, Span<byte> output, int end, ref int to)
    {
        Span<byte> tail = stackalloc byte[2 * MostPerSymbol];
        tail.Clear();
        int left = input.Length - at;
        input[at..].CopyTo(tail);
        int tailAt = 0;
        var stop = DecodeSymbols(tail, ref tailAt, left + 1, output, end, ref to);
        at += tailAt;
        return tailAt > left ? LzmaStop.Input : stop;
    }

    /// <summary>Takes in the byte that the range coder would take before the next bit.</summary>
    public LzmaStop Normalize(ReadOnlySpan<byte> input, ref int at)
    {
        if (_range >= RangeTop)
            return LzmaStop.Output;
        if (at >= input.Length)
            return LzmaStop.Input;
        _range <<= 8;
        _code = _code << 8 | input[at++];
        return LzmaStop.Output;
    }

    /// <summary>Writes what an earlier call had no room for.</summary>
    /// <returns>False if there still is not room for all of it.</returns>
    private bool TryPlacePending(Span<byte> output, int end, ref int to)
    {
        if (_pendingLiteral >= 0)
        {
            if (to == end)
                return false;
            output[to++] = (byte)_pendingLiteral;
            _pendingLiteral = -1;
        }
        if (_pendingMatch == 0)
            return true;
        int length = Math.Min(_pendingMatch, end - to);
        OverlappingCopy.Copy(output, to, (int)_distance0 + 1, length);
        to += length;
        _pendingMatch -= length;
        return _pendingMatch == 0;
    }
}
