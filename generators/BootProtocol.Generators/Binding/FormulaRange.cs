using System.Collections.Generic;
using System.Linq;
using System.Numerics;

namespace BootProtocol.Generators.Binding;

/// <summary>The numbers that a part of a formula can be, as far as the types of its fields say.</summary>
/// <param name="Low">The lowest.</param>
/// <param name="High">The highest.</param>
/// <param name="IsSafe">Whether all of them, and all on the way to them, are from 0 to 2^64 - 1, and no operation can fail.</param>
internal readonly record struct FormulaRange(BigInteger Low, BigInteger High, bool IsSafe)
{
    private const int MostShift = 63;

    /// <summary>The highest number of 64 bits.</summary>
    public static readonly BigInteger Highest = ulong.MaxValue;

    /// <summary>What lies between is computed with 128 bits, one of them for the sign.</summary>
    private static readonly BigInteger Limit = BigInteger.One << 127;

    /// <summary>One number.</summary>
    public static FormulaRange Of(BigInteger number) => new(number, number, true);

    /// <summary>Whether the numbers can be computed at all.</summary>
    public bool IsComputable => Low >= -Limit && High < Limit;

    /// <summary>What an operation can give; null if it always fails, and then why.</summary>
    public static FormulaRange? Of(string symbol, FormulaRange left, FormulaRange right, out string reason)
    {
        reason = "";
        bool isSafe = left.IsSafe && right.IsSafe;
        switch (symbol)
        {
            case "+":
                return Between(isSafe, left.Low + right.Low, left.High + right.High);
            case "-":
                return Between(isSafe, left.Low - right.High, left.High - right.Low);
            case "*":
                return Between(isSafe, left.Low * right.Low, left.Low * right.High, left.High * right.Low, left.High * right.High);
            case "/":
                if (right.Low.IsZero && right.High.IsZero)
                {
                    reason = "it divides by 0";
                    return null;
                }

                // The quotient is largest where the divisor is nearest to 0.
                BigInteger most = BigInteger.Max(BigInteger.Abs(left.Low), BigInteger.Abs(left.High));
                return left.Low.Sign < 0 || right.Low.Sign < 0
                    ? Between(false, -most, most)
                    : Between(isSafe && right.Low.Sign > 0, left.Low / right.High, left.High / BigInteger.Max(right.Low, 1));
            default:
                if (right.High.Sign < 0 || right.Low > MostShift)
                {
                    reason = $"it shifts by a number that is not from 0 to {MostShift}";
                    return null;
                }

                isSafe &= right.Low.Sign >= 0 && right.High <= MostShift;
                int[] shifts = [(int)BigInteger.Max(right.Low, 0), (int)BigInteger.Min(right.High, MostShift)];
                return Between(
                    isSafe, [.. from number in new[] { left.Low, left.High } from shift in shifts select symbol == "<<" ? number << shift : number >> shift]);
        }
    }

    private static FormulaRange Between(bool isSafe, params IReadOnlyList<BigInteger> numbers)
    {
        (BigInteger low, BigInteger high) = (numbers.Min(), numbers.Max());
        return new FormulaRange(low, high, isSafe && low.Sign >= 0 && high <= Highest);
    }
}
