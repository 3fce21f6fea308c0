using System.Runtime.CompilerServices;

namespace BootProtocol.Decompress;

/// <summary>The steps of the range decoder.</summary>
/// <remarks>
/// Ranges and codes have 32 bits, but are computed with in 64: so the sign of a difference is a mask. The caller has made sure that the
/// pointers are good: see <see cref="LzmaRun"/>. Range and code stay in registers only while the compiler inlines all of this, so a method should not
/// have many more steps than those of <see cref="LzmaRun"/> have.
/// </remarks>
internal static unsafe class LzmaBits
{
    /// <summary>A range below this one takes in a byte before the next bit.</summary>
    public const uint RangeTop = 1 << 24;

    // What makes of "p - p / 32", the step after a one, the step after a zero: "p + (2048 - p) / 32".
    private const int ZeroStep = -(1 << LzmaModel.ProbabilityBits) + 31;

    /// <summary>A bit that is mostly foreseeable: decoded with a branch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsOne(ushort* place, ref byte* input, ref long range, ref long code)
    {
        long p = *place;
        if (range < RangeTop)
        {
            range <<= 8;
            code = (uint)code << 8 | *input++;
        }
        long bound = (range >> LzmaModel.ProbabilityBits) * p;
        if (code < bound)
        {
            range = bound;
            *place = (ushort)(p + ((1 << LzmaModel.ProbabilityBits) - p >> 5));
            return false;
        }
        range -= bound;
        code -= bound;
        *place = (ushort)(p - (p >> 5));
        return true;
    }

    /// <summary>A bit that nobody can foresee: decoded without a branch, since a wrong guess of the processor's costs more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Even(ushort* place, long p, ref byte* input, ref long range, ref long code)
    {
        if (range < RangeTop)
        {
            range <<= 8;
            code = (uint)code << 8 | *input++;
        }
        long bound = (range >> LzmaModel.ProbabilityBits) * p;
        long low = code - bound;
        long zero = low >> 63;
        range = range - bound + (2 * bound - range & zero);
        code = low + (bound & zero);
        *place = (ushort)(p - (p + (zero & ZeroStep) >> 5));
        return (uint)(1 + zero);
    }

    /// <summary>Such a bit within a tree. Both probabilities that may be needed next are read before it is known.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="node">The place in it; then the next.</param>
    /// <param name="p">The probability there; then at the next place.</param>
    /// <param name="input">The next byte of the input.</param>
    /// <param name="range">The range.</param>
    /// <param name="code">The code.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Down(ushort* tree, ref nuint node, ref long p, ref byte* input, ref long range, ref long code)
    {
        ushort* place = tree + node;
        node += node;
        long p0 = tree[node];
        long p1 = tree[node + 1];
        long zero = Split(place, ref p, p0, p1, ref input, ref range, ref code);
        node += (nuint)(1 + zero);
    }

    /// <summary>Decodes such a bit and chooses the next probability.</summary>
    /// <param name="place">Where the bit's probability is.</param>
    /// <param name="p">The bit's probability; then one of the next two.</param>
    /// <param name="p0">The next probability if the bit is 0.</param>
    /// <param name="p1">The next probability if the bit is 1.</param>
    /// <param name="input">The next byte of the input.</param>
    /// <param name="range">The range.</param>
    /// <param name="code">The code.</param>
    /// <returns>-1 if the bit is 0, or else 0.</returns>
    /// <remarks>
    /// Each bit waits for the range and the probability that the one before leaves. These two are chosen with conditional moves, which are
    /// two steps shorter than masks; the rest can wait. The compiler makes such moves of the two choices here only outside of loops, and
    /// only because they do not look alike: it would join two with one condition, and branch.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Split(ushort* place, ref long p, long p0, long p1, ref byte* input, ref long range, ref long code)
    {
        if (range < RangeTop)
        {
            range <<= 8;
            code = (uint)code << 8 | *input++;
        }
        long bound = (range >> LzmaModel.ProbabilityBits) * p;
        long rest = range - bound;
        long low = code - bound;
        long zero = low >> 63;
        long old = p;
        range = code < bound ? bound : rest;
        p = low < 0 ? p0 : p1;
        code = low + (bound & zero);
        *place = (ushort)(old - (old + (zero & ZeroStep) >> 5));
        return zero;
    }

    /// <summary>A bit without a model, behind others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Direct(ref uint value, ref byte* input, ref long range, ref long code)
    {
        if (range < RangeTop)
        {
            range <<= 8;
            code = (uint)code << 8 | *input++;
        }
        range >>= 1;
        code -= range;
        long zero = code >> 63;
        code += range & zero;
        value = value + value + 1 + (uint)zero;
    }
}
