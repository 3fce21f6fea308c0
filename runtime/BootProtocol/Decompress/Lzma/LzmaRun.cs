using System.Runtime.CompilerServices;

namespace BootProtocol.Decompress;

/// <summary>The LZMA decoder at work, within one call: its inner loop, which uses pointers.</summary>
/// <remarks>
/// <para>No access leaves the memory given, whatever the input holds:</para>
/// <list type="bullet">
/// <item>Input: a symbol is begun below the limit only, and takes at most 20 bytes, while the limit has
/// <see cref="LzmaState.MostPerSymbol"/> bytes behind it. Nothing is read ahead.</item>
/// <item>Model: every place is a constant of <see cref="LzmaModel"/> plus numbers that are bounded by how they come about. A node of a tree
/// of n bits is below 1 &lt;&lt; n when it is read; the state is 0 to 11; the position state is masked to 4 bits; a literal's context has
/// as many bits as the model was made for; the low bits of the distances with slots 4 to 13 end before
/// <see cref="LzmaModel.DistanceAlign"/>.</item>
/// <item>Output: a byte is written below the end only. A match is cut to what is left to the end, and copied in whole vectors only where
/// the output has room for one more. It is copied from inside what is decoded, since each distance is compared with the position before
/// it is kept, and the position does not decrease within a call. <see cref="LzmaState"/> compares the one kept before each call.</item>
/// </list>
/// <para>
/// The methods are as large as they are, and not inlined into each other, so that each one's range, code and pointers fit into the
/// processor's registers, and so that its bits are outside of any loop (see <see cref="LzmaBits.Split"/>).
/// </para>
/// </remarks>
internal unsafe ref partial struct LzmaRun
{
    /// <summary>What is known between two symbols.</summary>
    public LzmaProgress Progress;

    private readonly ushort* _model;
    private readonly byte* _output;
    private readonly nint _end;
    private readonly nint _room;
    private readonly int _contextBits;
    private readonly uint _literalMask;
    private readonly uint _positionMask;
    private byte* _input;
    private nint _to;

    // The byte before the place in the output: it is known before it can be read from there again.
    private uint _previous;

    /// <summary>Takes what a call needs; the pointers are good until the call's end.</summary>
    /// <param name="model">The model, as large as the properties ask for.</param>
    /// <param name="properties">The properties.</param>
    /// <param name="input">Where to go on in the input.</param>
    /// <param name="output">The output's first byte.</param>
    /// <param name="to">Where to go on in the output.</param>
    /// <param name="end">Where to stop in it.</param>
    /// <param name="room">Bytes of memory that it has: <paramref name="end"/> or more.</param>
    public LzmaRun(ushort* model, LzmaProperties properties, byte* input, byte* output, int to, int end, int room)
    {
        _model = model;
        _contextBits = properties.LiteralContextBits;
        _literalMask = (1u << properties.LiteralPositionBits) - 1;
        _positionMask = (1u << properties.PositionBits) - 1;
        _input = input;
        _output = output;
        _to = to;
        _end = end;
        _room = room;
        _previous = to > 0 ? output[to - 1] : 0u;
    }

    /// <summary>Where to go on in the input.</summary>
    public readonly byte* Input => _input;

    /// <summary>Where to go on in the output.</summary>
    public readonly int To => (int)_to;

    /// <summary>Decodes symbols, at least one, while the output is below its end and the input below a limit.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public LzmaStop Decode(byte* inputLimit)
    {
        ushort* model = _model;
        do
        {
            long range = Progress.Range;
            long code = Progress.Code;
            uint state = Progress.State;
            byte* input = _input;
            nint to = _to;
            uint statePlace = state * LzmaModel.PositionStates + ((uint)to & _positionMask);
            var stop = LzmaStop.Output;
            if (!LzmaBits.IsOne(model + LzmaModel.IsMatch + statePlace, ref input, ref range, ref code))
            {
                if (state >= LzmaModel.LiteralStates)
                    DecodeHintedLiteral(range, code, input, to, state);
                else
                    DecodeLiteral(range, code, input, to, state);
            }
            else if (LzmaBits.IsOne(model + LzmaModel.IsRepeat + state, ref input, ref range, ref code))
            {
                stop = DecodeRepeat(range, code, input, to, state);
            }
            else
            {
                stop = DecodeMatch(range, code, input, to, state);
            }
            if (stop != LzmaStop.Output)
                return stop;
        }
        while (_to < _end && _input < inputLimit);
        return _to < _end ? LzmaStop.Input : LzmaStop.Output;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Keep(byte* input, long range, long code)
    {
        _input = input;
        Progress.Range = (uint)range;
        Progress.Code = (uint)code;
    }
}
