using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace BootProtocol.Decompress;

/// <content>The inner loop.</content>
internal sealed partial class LzmaState
{
    private const int WideLength = 16;

    /// <summary>Decodes symbols while the output is below its end and the input below its limit.</summary>
    private LzmaStop DecodeSymbols(ReadOnlySpan<byte> input, ref int inputAt, int inputLimit, Span<byte> output, int end, ref int outputTo)
    {
        Span<ushort> model = _model;
        uint range = _range;
        uint code = _code;
        int at = inputAt;
        int to = outputTo;
        int state = _state;
        uint distance0 = _distance0;
        int contextBits = _properties.LiteralContextBits;
        int literalMask = (1 << _properties.LiteralPositionBits) - 1;
        int positionMask = (1 << _properties.PositionBits) - 1;
        int length;
        var stop = LzmaStop.Output;

        do
        {
            int positionState = to & positionMask;
            int statePlace = state * LzmaModel.PositionStates + positionState;
            if (Bit(ref model[LzmaModel.IsMatch + statePlace], input, ref at, ref range, ref code) == 0)
            {
                uint previous = to > 0 ? output[to - 1] : 0u;
                int context = ((to & literalMask) << contextBits) + (int)(previous >> (8 - contextBits));
                var literal = model.Slice(LzmaModel.Literal + LzmaModel.LiteralCount * context, LzmaModel.LiteralCount);
                uint symbol = 1;
                if (state >= LzmaModel.LiteralStates)
                {
                    // After a match, the byte that would continue it is a hint, as long as the bits agree.
                    uint match = output[to - (int)distance0 - 1];
                    uint offset = 0x100;
                    do
                    {
                        match <<= 1;
                        uint hint = match & offset;
                        uint bit = Even(ref literal[(int)(offset + hint + symbol)], input, ref at, ref range, ref code);
                        symbol = symbol << 1 | bit;
                        offset &= bit != 0 ? match : ~match;
                    }
                    while (symbol < 0x100);
                    state = state < 10 ? state - 3 : state - 6;
                }
                else
                {
                    do
                    {
                        symbol = symbol << 1 | Even(ref literal[(int)symbol], input, ref at, ref range, ref code);
                    }
                    while (symbol < 0x100);
                    state = state < 4 ? 0 : state - 3;
                }
                if (to >= end)
                {
                    _pendingLiteral = (byte)symbol;
                    break;
                }
                output[to++] = (byte)symbol;
                continue;
            }

            if (Bit(ref model[LzmaModel.IsRepeat + state], input, ref at, ref range, ref code) == 0)
            {
                _distance3 = _distance2;
                _distance2 = _distance1;
                _distance1 = distance0;
                state = state < LzmaModel.LiteralStates ? 7 : 10;
                length = Length(model.Slice(LzmaModel.MatchLength), positionState, input, ref at, ref range, ref code);

                var slots = model.Slice(LzmaModel.DistanceSlot + 64 * Math.Min(length, 3), 64);
                uint slot = 1;
                do
                {
                    slot = slot << 1 | Even(ref slots[(int)slot], input, ref at, ref range, ref code);
                }
                while (slot < 64);
                slot -= 64;
                distance0 = slot;
                if (slot >= LzmaModel.FirstModelledSlot)
                {
                    int bits = (int)(slot >> 1) - 1;
                    distance0 = (2 | slot & 1) << bits;
                    if (slot < LzmaModel.FirstDirectSlot)
                    {
                        var special = model.Slice(LzmaModel.DistanceSpecial + (int)(distance0 - slot), 64);
                        distance0 += Reverse(special, bits, input, ref at, ref range, ref code);
                    }
                    else
                    {
                        distance0 += Direct(bits - LzmaModel.AlignBits, input, ref at, ref range, ref code) << LzmaModel.AlignBits;
                        var align = model.Slice(LzmaModel.DistanceAlign, 1 << LzmaModel.AlignBits);
                        distance0 += Reverse(align, LzmaModel.AlignBits, input, ref at, ref range, ref code);
                        if (distance0 == uint.MaxValue)
                        {
                            stop = LzmaStop.EndMarker;
                            break;
                        }
                    }
                }
                if (distance0 >= (uint)to)
                {
                    stop = LzmaStop.Distance;
                    break;
                }
            }
            else
            {
                if (distance0 >= (uint)to)
                {
                    stop = LzmaStop.Distance;
                    break;
                }
                bool isShort = false;
                if (Bit(ref model[LzmaModel.IsRepeatOlder + state], input, ref at, ref range, ref code) == 0)
                {
                    isShort = Bit(ref model[LzmaModel.IsRepeatLong + statePlace], input, ref at, ref range, ref code) == 0;
                }
                else
                {
                    uint distance = _distance1;
                    if (Bit(ref model[LzmaModel.IsRepeatOlder2 + state], input, ref at, ref range, ref code) != 0)
                    {
                        distance = _distance2;
                        if (Bit(ref model[LzmaModel.IsRepeatOlder3 + state], input, ref at, ref range, ref code) != 0)
                        {
                            distance = _distance3;
                            _distance3 = _distance2;
                        }
                        _distance2 = _distance1;
                    }
                    _distance1 = distance0;
                    distance0 = distance;
                    if (distance0 >= (uint)to)
                    {
                        stop = LzmaStop.Distance;
                        break;
                    }
                }
                if (isShort)
                {
                    state = state < LzmaModel.LiteralStates ? 9 : 11;
                    length = 1 - LzmaModel.ShortestMatch;
                }
                else
                {
                    state = state < LzmaModel.LiteralStates ? 8 : 11;
                    length = Length(model.Slice(LzmaModel.RepeatLength), positionState, input, ref at, ref range, ref code);
                }
            }

            length += LzmaModel.ShortestMatch;
            if (length > end - to)
            {
                _pendingMatch = length - (end - to);
                length = end - to;
            }
            int from = to - (int)distance0 - 1;
            if (distance0 >= WideLength - 1 && output.Length - to >= length + WideLength)
            {
                int target = to;
                to += length;
                do
                {
                    Vector128.Create((ReadOnlySpan<byte>)output.Slice(from, WideLength)).CopyTo(output.Slice(target, WideLength));
                    from += WideLength;
                    target += WideLength;
                }
                while (target < to);
            }
            else
            {
                OverlappingCopy.Copy(output, to, (int)distance0 + 1, length);
                to += length;
            }
        }
        while (to < end && at < inputLimit);

        if (stop == LzmaStop.Output && to < end)
            stop = LzmaStop.Input;
        _range = range;
        _code = code;
        _state = state;
        _distance0 = distance0;
        inputAt = at;
        outputTo = to;
        return stop;
    }

    /// <summary>A bit that is mostly foreseeable: decoded with a branch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Bit(ref ushort probability, ReadOnlySpan<byte> input, ref int at, ref uint range, ref uint code)
    {
        if (range < RangeTop)
        {
            range <<= 8;
            code = code << 8 | input[at++];
        }
        uint p = probability;
        uint bound = (range >> LzmaModel.ProbabilityBits) * p;
        if (code < bound)
        {
            range = bound;
            probability = (ushort)(p + ((2048 - p) >> 5));
            return 0;
        }
        range -= bound;
        code -= bound;
        probability = (ushort)(p - (p >> 5));
        return 1;
    }

    /// <summary>A bit that nobody can foresee: decoded without a branch, since a wrong guess of the processor's costs more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Even(ref ushort probability, ReadOnlySpan<byte> input, ref int at, ref uint range, ref uint code)
    {
        if (range < RangeTop)
        {
            range <<= 8;
            code = code << 8 | input[at++];
        }
        int p = probability;
        uint bound = (range >> LzmaModel.ProbabilityBits) * (uint)p;
        uint bit = code >= bound ? 1u : 0u;
        uint ones = 0 - bit;
        range = bound + (ones & (range - 2 * bound));
        code -= ones & bound;
        probability = (ushort)(p - ((p + (int)(~ones & unchecked((uint)-2017))) >> 5));
        return bit;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Length(Span<ushort> model, int positionState, ReadOnlySpan<byte> input, ref int at, ref uint range, ref uint code)
    {
        int tree;
        int first;
        uint size;
        if (Bit(ref model[0], input, ref at, ref range, ref code) == 0)
            (tree, first, size) = (LzmaModel.LengthLow + 8 * positionState, 0, 8);
        else if (Bit(ref model[1], input, ref at, ref range, ref code) == 0)
            (tree, first, size) = (LzmaModel.LengthMiddle + 8 * positionState, 8, 8);
        else
            (tree, first, size) = (LzmaModel.LengthHigh, 16, 256);
        uint symbol = 1;
        do
        {
            symbol = symbol << 1 | Even(ref model[tree + (int)symbol], input, ref at, ref range, ref code);
        }
        while (symbol < size);
        return first + (int)(symbol - size);
    }

    /// <summary>A tree whose lowest bit comes first. Its root is one before the model's beginning.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Reverse(Span<ushort> model, int bits, ReadOnlySpan<byte> input, ref int at, ref uint range, ref uint code)
    {
        uint symbol = 1;
        uint value = 0;
        for (int i = 0; i < bits; i++)
        {
            uint bit = Even(ref model[(int)symbol], input, ref at, ref range, ref code);
            symbol = symbol << 1 | bit;
            value |= bit << i;
        }
        return value;
    }

    /// <summary>Bits without a model.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Direct(int bits, ReadOnlySpan<byte> input, ref int at, ref uint range, ref uint code)
    {
        uint value = 0;
        do
        {
            if (range < RangeTop)
            {
                range <<= 8;
                code = code << 8 | input[at++];
            }
            range >>= 1;
            uint bit = code >= range ? 1u : 0u;
            code -= range & (0 - bit);
            value = value << 1 | bit;
        }
        while (--bits > 0);
        return value;
    }
}
