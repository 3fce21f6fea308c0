using System.Globalization;
using System.Numerics;

namespace BootProtocol.Certificates;

/// <summary>A curve y² = x³ - 3x + b over the numbers modulo a prime, and its arithmetic.</summary>
/// <remarks>Source: FIPS 186-4, D.1.2; SEC 2; the formulas of IEEE P1363, A.10 (projective points).</remarks>
internal sealed class EllipticCurve
{
    private readonly BigInteger _prime;
    private readonly BigInteger _b;
    private readonly EllipticPoint _generator;

    private EllipticCurve(string id, string name, int bits, BigInteger prime, string order, string b, string x, string y)
    {
        Id = id;
        Name = name;
        Bits = bits;
        _prime = prime;
        Order = Number(order);
        _b = Number(b);
        _generator = new EllipticPoint(Number(x), Number(y), BigInteger.One);
    }

    /// <summary>The curves that are known here: those of UEFI's and the distributions' certificates, as far as they have any.</summary>
    public static IReadOnlyList<EllipticCurve> All { get; } =
    [
        new(
            "1.2.840.10045.3.1.7",
            "P-256",
            256,
            Power(256) - Power(224) + Power(192) + Power(96) - 1,
            "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
            "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
            "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
            "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"),
        new(
            "1.3.132.0.34",
            "P-384",
            384,
            Power(384) - Power(128) - Power(96) + Power(32) - 1,
            "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
            "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
            "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
            "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f"),
        new(
            "1.3.132.0.35",
            "P-521",
            521,
            Power(521) - 1,
            "1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
            "51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
            "c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66",
            "11839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650"),
    ];

    /// <summary>Its object identifier.</summary>
    public string Id { get; }

    /// <summary>Its name, such as <c>P-256</c>.</summary>
    public string Name { get; }

    /// <summary>Bits of its prime, and of its order.</summary>
    public int Bits { get; }

    /// <summary>The number of its points.</summary>
    public BigInteger Order { get; }

    /// <summary>The point of two coordinates.</summary>
    /// <returns>Null if it is not on the curve.</returns>
    public EllipticPoint? Point(BigInteger x, BigInteger y) =>
        x < _prime && y < _prime && Modulo((y * y) - RightSide(x)).IsZero ? new EllipticPoint(x, y, BigInteger.One) : null;

    /// <summary>The point of one coordinate, and of the lowest bit of the other one.</summary>
    /// <returns>Null if there is none.</returns>
    public EllipticPoint? Point(BigInteger x, bool isOdd)
    {
        // The primes are 3 modulo 4: a square's root is its power by a quarter of the next number.
        BigInteger y = BigInteger.ModPow(RightSide(x), (_prime + 1) >> 2, _prime);
        return Point(x, y.IsEven == isOdd ? _prime - y : y);
    }

    /// <summary>Whether the sum of a multiple of the generator and a multiple of a point has a first coordinate, modulo the order.</summary>
    /// <param name="ofGenerator">How often the generator, less than the order.</param>
    /// <param name="ofPoint">How often the point, less than the order.</param>
    /// <param name="point">The point.</param>
    /// <param name="x">The coordinate, less than the order.</param>
    public bool IsSum(BigInteger ofGenerator, BigInteger ofPoint, EllipticPoint point, BigInteger x)
    {
        EllipticPoint both = Add(_generator, point);
        var sum = new EllipticPoint(BigInteger.One, BigInteger.One, BigInteger.Zero);
        for (int i = Bits - 1; i >= 0; i--)
        {
            sum = Double(sum);
            bool isGenerator = HasBit(ofGenerator, i);
            bool isPoint = HasBit(ofPoint, i);
            if (isGenerator || isPoint)
                sum = Add(sum, isGenerator ? isPoint ? both : _generator : point);
        }

        if (sum.Z.IsZero)
            return false;
        BigInteger square = Modulo(sum.Z * sum.Z);
        for (; x < _prime; x += Order)
        {
            if (Modulo(x * square) == sum.X)
                return true;
        }

        return false;
    }

    private static BigInteger Number(string digits) => BigInteger.Parse("0" + digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static BigInteger Power(int exponent) => BigInteger.One << exponent;

    private static bool HasBit(BigInteger number, int bit) => !(number >> bit).IsEven;

    private BigInteger RightSide(BigInteger x) => Modulo((((x * x) - 3) * x) + _b);

    private BigInteger Modulo(BigInteger number)
    {
        var rest = BigInteger.Remainder(number, _prime);
        return rest.Sign < 0 ? rest + _prime : rest;
    }

    private EllipticPoint Double(EllipticPoint point)
    {
        BigInteger zSquare = Modulo(point.Z * point.Z);
        BigInteger ySquare = Modulo(point.Y * point.Y);
        BigInteger product = Modulo(point.X * ySquare);
        BigInteger slope = Modulo(3 * (point.X - zSquare) * (point.X + zSquare));
        BigInteger x = Modulo((slope * slope) - (8 * product));
        BigInteger y = Modulo((slope * ((4 * product) - x)) - (8 * ySquare * ySquare));
        return new EllipticPoint(x, y, Modulo(2 * point.Y * point.Z));
    }

    private EllipticPoint Add(EllipticPoint one, EllipticPoint other)
    {
        if (one.Z.IsZero)
            return other;
        if (other.Z.IsZero)
            return one;
        BigInteger oneSquare = Modulo(one.Z * one.Z);
        BigInteger otherSquare = Modulo(other.Z * other.Z);
        BigInteger oneX = Modulo(one.X * otherSquare);
        BigInteger oneY = Modulo(one.Y * Modulo(other.Z * otherSquare));
        BigInteger width = Modulo((other.X * oneSquare) - oneX);
        BigInteger height = Modulo((other.Y * Modulo(one.Z * oneSquare)) - oneY);
        if (width.IsZero)
            return height.IsZero ? Double(one) : new EllipticPoint(BigInteger.One, BigInteger.One, BigInteger.Zero);
        BigInteger widthSquare = Modulo(width * width);
        BigInteger widthCube = Modulo(width * widthSquare);
        BigInteger product = Modulo(oneX * widthSquare);
        BigInteger x = Modulo((height * height) - widthCube - (2 * product));
        BigInteger y = Modulo((height * (product - x)) - (oneY * widthCube));
        return new EllipticPoint(x, y, Modulo(width * one.Z * other.Z));
    }
}
