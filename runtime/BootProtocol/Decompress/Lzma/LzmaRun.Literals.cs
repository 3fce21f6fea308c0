using System.Runtime.CompilerServices;

namespace BootProtocol.Decompress;

/// <content>Literals: each bit has a step of its own, for only outside of loops they become what they should.</content>
internal unsafe ref partial struct LzmaRun
{
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void DecodeLiteral(long range, long code, byte* input, nint to, uint state)
    {
        ushort* literal = Literal(to);
        nuint node = 1;
        long p = literal[node];
        LzmaBits.Down(literal, ref node, ref p, ref input, ref range, ref code);
        LzmaBits.Down(literal, ref node, ref p, ref input, ref range, ref code);
        LzmaBits.Down(literal, ref node, ref p, ref input, ref range, ref code);
        LzmaBits.Down(literal, ref node, ref p, ref input, ref range, ref code);
        LzmaBits.Down(literal, ref node, ref p, ref input, ref range, ref code);
        LzmaBits.Down(literal, ref node, ref p, ref input, ref range, ref code);
        LzmaBits.Down(literal, ref node, ref p, ref input, ref range, ref code);
        uint last = LzmaBits.Even(literal + node, p, ref input, ref range, ref code);
        Keep(input, range, code);
        Progress.State = state < 4 ? 0 : state - 3;
        Place((byte)((uint)node << 1 | last), to);
    }

    /// <summary>After a match, the byte that would continue it is a hint, as long as the bits agree.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void DecodeHintedLiteral(long range, long code, byte* input, nint to, uint state)
    {
        ushort* literal = Literal(to);
        // The bit of the hint that counts is at the place of the flag, which is 0 once a bit was another one.
        nuint hint = (nuint)_output[to - (nint)Progress.Distance0 - 1] << 1;
        nuint flag = 0x100;
        nuint node = 1;
        long p = literal[flag + (flag & hint) + node];
        Hinted(literal, ref node, ref flag, ref hint, ref p, ref input, ref range, ref code);
        Hinted(literal, ref node, ref flag, ref hint, ref p, ref input, ref range, ref code);
        Hinted(literal, ref node, ref flag, ref hint, ref p, ref input, ref range, ref code);
        Hinted(literal, ref node, ref flag, ref hint, ref p, ref input, ref range, ref code);
        Hinted(literal, ref node, ref flag, ref hint, ref p, ref input, ref range, ref code);
        Hinted(literal, ref node, ref flag, ref hint, ref p, ref input, ref range, ref code);
        Hinted(literal, ref node, ref flag, ref hint, ref p, ref input, ref range, ref code);
        uint last = LzmaBits.Even(literal + flag + (flag & hint) + node, p, ref input, ref range, ref code);
        Keep(input, range, code);
        Progress.State = state < 10 ? state - 3 : state - 6;
        Place((byte)((uint)node << 1 | last), to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Hinted(
        ushort* literal, ref nuint node, ref nuint flag, ref nuint hint, ref long p, ref byte* input, ref long range, ref long code)
    {
        ushort* place = literal + flag + (flag & hint) + node;
        node += node;
        nuint flag1 = flag & hint;
        nuint flag0 = flag ^ flag1;
        hint += hint;
        long p0 = (literal + node)[flag0 + (flag0 & hint)];
        long p1 = (literal + node)[flag1 + (flag1 & hint) + 1];
        long zero = LzmaBits.Split(place, ref p, p0, p1, ref input, ref range, ref code);
        node += (nuint)(1 + zero);
        flag = flag1 ^ ((flag0 ^ flag1) & (nuint)zero);
    }

    /// <summary>Where the probabilities for the context at hand are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly ushort* Literal(nint to)
    {
        uint context = (((uint)to & _literalMask) << _contextBits) + (_previous >> (8 - _contextBits));
        return _model + LzmaModel.Literal + LzmaModel.LiteralCount * context;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Place(byte literal, nint to)
    {
        if (to >= _end)
        {
            Progress.PendingLiteral = literal;
            return;
        }
        _output[to] = literal;
        _previous = literal;
        _to = to + 1;
    }
}
