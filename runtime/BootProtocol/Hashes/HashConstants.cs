using System.Numerics;

namespace BootProtocol.Hashes;

/// <summary>The constants of SHA-2 (FIPS 180-4, 4.2 and 5.3): the first bits of the fractions of roots of the first primes.</summary>
internal static class HashConstants
{
    private const int Bits = 64;

    /// <summary>The first 64 bits of the fractions of the cube roots of the first primes.</summary>
    public static ulong[] CubeRoots(int count) => [.. Primes(count).Select(static prime => Fraction(prime, 3))];

    /// <summary>The first 64 bits of the fractions of the square roots of some primes.</summary>
    /// <param name="count">How many.</param>
    /// <param name="first">How many primes are left out before them.</param>
    public static ulong[] SquareRoots(int count, int first = 0) => [.. Primes(first + count).Skip(first).Select(static prime => Fraction(prime, 2))];

    /// <summary>The root of a prime, times 2 to the power of 64 and rounded down, is the root of a larger whole number: found by halves.</summary>
    private static ulong Fraction(int prime, int degree)
    {
        BigInteger power = (BigInteger)prime << (degree * Bits);
        BigInteger low = BigInteger.Zero;
        BigInteger high = (BigInteger)prime << Bits;
        while (high - low > 1)
        {
            BigInteger middle = (low + high) >> 1;
            if (BigInteger.Pow(middle, degree) <= power)
                low = middle;
            else
                high = middle;
        }

        return (ulong)(low & ulong.MaxValue);
    }

    private static IEnumerable<int> Primes(int count) => Enumerable.Range(2, int.MaxValue - 2)
        .Where(static number => Enumerable.Range(2, number).TakeWhile(divisor => divisor * divisor <= number).All(divisor => number % divisor != 0))
        .Take(count);
}
