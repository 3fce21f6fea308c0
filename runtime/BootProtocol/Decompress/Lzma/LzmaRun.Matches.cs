using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BootProtocol.Decompress;

/// <content>Matches.</content>
internal unsafe ref partial struct LzmaRun
{
    private const int CacheLine = 64;

    /// <summary>How many of a distance's bits without a model are decoded while the memory that it leads to is fetched.</summary>
    /// <remarks>The distances that have such bits have at least two.</remarks>
    private const int LastDirectBits = 2;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private LzmaStop DecodeMatch(long range, long code, byte* input, nint to, uint state)
    {
        uint length = Length(_model + LzmaModel.MatchLength, (uint)to & _positionMask, ref input, ref range, ref code);

        ushort* tree = _model + LzmaModel.DistanceSlot + 64 * Math.Min(length, 3);
        nuint node = 1;
        long p = tree[node];
        LzmaBits.Down(tree, ref node, ref p, ref input, ref range, ref code);
        LzmaBits.Down(tree, ref node, ref p, ref input, ref range, ref code);
        LzmaBits.Down(tree, ref node, ref p, ref input, ref range, ref code);
        LzmaBits.Down(tree, ref node, ref p, ref input, ref range, ref code);
        LzmaBits.Down(tree, ref node, ref p, ref input, ref range, ref code);
        uint slot = ((uint)node << 1 | LzmaBits.Even(tree + node, p, ref input, ref range, ref code)) - 64;
        uint distance = slot;
        if (slot >= LzmaModel.FirstModelledSlot)
        {
            int bits = (int)(slot >> 1) - 1;
            distance = (2 | slot & 1) << bits;
            if (slot < LzmaModel.FirstDirectSlot)
            {
                // The lowest bit comes first. The tree's root is one before its beginning.
                tree = _model + LzmaModel.DistanceSpecial + (distance - slot);
                uint place = 1;
                for (int i = 0; i < bits; i++)
                {
                    uint bit = LzmaBits.Even(tree + place, tree[place], ref input, ref range, ref code);
                    place = place << 1 | bit;
                    distance += bit << i;
                }
            }
            else
            {
                uint middle = 0;
                for (int left = bits - LzmaModel.AlignBits - LastDirectBits; left > 0; left--)
                    LzmaBits.Direct(ref middle, ref input, ref range, ref code);
                Fetch(to, distance + (middle << (LastDirectBits + LzmaModel.AlignBits)));
                LzmaBits.Direct(ref middle, ref input, ref range, ref code);
                LzmaBits.Direct(ref middle, ref input, ref range, ref code);

                tree = _model + LzmaModel.DistanceAlign;
                node = 1;
                p = tree[node];
                LzmaBits.Down(tree, ref node, ref p, ref input, ref range, ref code);
                LzmaBits.Down(tree, ref node, ref p, ref input, ref range, ref code);
                LzmaBits.Down(tree, ref node, ref p, ref input, ref range, ref code);
                uint align = (uint)node << 1 | LzmaBits.Even(tree + node, p, ref input, ref range, ref code);
                align = (align & 1) << 3 | (align & 2) << 1 | (align & 4) >> 1 | (align & 8) >> 3;
                distance += (middle << LzmaModel.AlignBits) + align;
            }
        }
        Keep(input, range, code);
        if (distance == uint.MaxValue)
            return LzmaStop.EndMarker;
        if (distance >= (nuint)to)
            return LzmaStop.Distance;
        Progress.State = state < LzmaModel.LiteralStates ? 7u : 10u;
        Progress.Distance3 = Progress.Distance2;
        Progress.Distance2 = Progress.Distance1;
        Progress.Distance1 = Progress.Distance0;
        Progress.Distance0 = distance;
        Copy(to, distance, length + LzmaModel.ShortestMatch);
        return LzmaStop.Output;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private LzmaStop DecodeRepeat(long range, long code, byte* input, nint to, uint state)
    {
        ushort* model = _model;
        uint positionState = (uint)to & _positionMask;
        uint distance = Progress.Distance0;
        if (distance >= (nuint)to)
        {
            Keep(input, range, code);
            return LzmaStop.Distance;
        }
        bool isShort = false;
        if (!LzmaBits.IsOne(model + LzmaModel.IsRepeatOlder + state, ref input, ref range, ref code))
        {
            ushort* place = model + LzmaModel.IsRepeatLong + state * LzmaModel.PositionStates + positionState;
            isShort = !LzmaBits.IsOne(place, ref input, ref range, ref code);
        }
        else
        {
            uint older = Progress.Distance1;
            if (LzmaBits.IsOne(model + LzmaModel.IsRepeatOlder2 + state, ref input, ref range, ref code))
            {
                older = Progress.Distance2;
                if (LzmaBits.IsOne(model + LzmaModel.IsRepeatOlder3 + state, ref input, ref range, ref code))
                {
                    older = Progress.Distance3;
                    Progress.Distance3 = Progress.Distance2;
                }
                Progress.Distance2 = Progress.Distance1;
            }
            Progress.Distance1 = distance;
            if (older >= (nuint)to)
            {
                Keep(input, range, code);
                return LzmaStop.Distance;
            }
            Progress.Distance0 = distance = older;
        }
        uint count = 1;
        if (isShort)
        {
            Progress.State = state < LzmaModel.LiteralStates ? 9u : 11u;
        }
        else
        {
            Progress.State = state < LzmaModel.LiteralStates ? 8u : 11u;
            count = Length(model + LzmaModel.RepeatLength, positionState, ref input, ref range, ref code) + LzmaModel.ShortestMatch;
        }
        Keep(input, range, code);
        Copy(to, distance, count);
        return LzmaStop.Output;
    }

    /// <summary>A length, less that of the shortest match.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Length(ushort* model, uint positionState, ref byte* input, ref long range, ref long code)
    {
        ushort* tree = model + LzmaModel.LengthLow + 8 * positionState;
        uint first = 0;
        if (LzmaBits.IsOne(model, ref input, ref range, ref code))
        {
            tree += LzmaModel.LengthMiddle - LzmaModel.LengthLow;
            first = 8;
            if (LzmaBits.IsOne(model + 1, ref input, ref range, ref code))
            {
                tree = model + LzmaModel.LengthHigh;
                uint place = 1;
                do
                {
                    place = place << 1 | LzmaBits.Even(tree + place, tree[place], ref input, ref range, ref code);
                }
                while (place < 256);
                return 16 + place - 256;
            }
        }
        nuint node = 1;
        long p = tree[node];
        LzmaBits.Down(tree, ref node, ref p, ref input, ref range, ref code);
        LzmaBits.Down(tree, ref node, ref p, ref input, ref range, ref code);
        return first + ((uint)node << 1 | LzmaBits.Even(tree + node, p, ref input, ref range, ref code)) - 8;
    }

    /// <summary>
    /// Has the processor fetch the memory that a distance leads to, before the last bits of it are known. To wait for it at the copy took
    /// a sixth of the decoder's time. The address may be anywhere: a wrong one does nothing.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Fetch(nint to, uint distance)
    {
        if (!Sse.IsSupported)
            return;
        byte* near = _output + to - (nint)distance - 1;
        Sse.Prefetch0(near);
        Sse.Prefetch0(near - (CacheLine - 1));
    }

    /// <summary>Copies a match, as far as there is room up to the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Copy(nint to, uint distance, uint length)
    {
        nint count = (nint)length;
        if (count > _end - to)
        {
            Progress.PendingMatch = (int)(count - (_end - to));
            count = _end - to;
        }
        byte* target = _output + to;
        byte* end = target + count;
        if (distance >= (uint)Vector128<byte>.Count - 1 && _room - to >= count + Vector128<byte>.Count)
        {
            byte* from = target - distance - 1;
            do
            {
                Vector128.Store(Vector128.Load(from), target);
                from += Vector128<byte>.Count;
                target += Vector128<byte>.Count;
            }
            while (target < end);
        }
        else
        {
            CopyNear((int)to, distance, (int)count);
        }
        _to = to + count;
        _previous = end[-1];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly void CopyNear(int to, uint distance, int count) =>
        OverlappingCopy.Copy(new Span<byte>(_output, (int)_room), to, (int)distance + 1, count);
}
