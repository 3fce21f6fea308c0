using System.Formats.Asn1;
using System.Numerics;
using BootProtocol.Hashes;

namespace BootProtocol.Certificates;

/// <summary>A public key on an elliptic curve, and signatures by ECDSA (FIPS 186-5, 6.4.2).</summary>
internal sealed class EllipticKey : PublicKey
{
    /// <summary>First byte of a point of both coordinates (SEC 1, 2.3.3).</summary>
    private const byte BothCoordinates = 4;

    /// <summary>First byte of a point of one coordinate; the lowest bit is that of the other one.</summary>
    private const byte OneCoordinate = 2;

    private readonly EllipticCurve _curve;
    private readonly EllipticPoint _point;

    private EllipticKey(EllipticCurve curve, EllipticPoint point)
    {
        _curve = curve;
        _point = point;
    }

    /// <inheritdoc/>
    public override string Name => $"ECDSA, {_curve.Name}";

    /// <summary>Reads a key (RFC 5480, 2).</summary>
    /// <param name="parameters">The reader at the curve; it still stands there where the curve is not known.</param>
    /// <param name="bytes">The point.</param>
    /// <returns>Null if the curve is none of those known here.</returns>
    /// <exception cref="AsnContentException">The point is none of the curve.</exception>
    public static EllipticKey? Read(AsnReader parameters, ReadOnlySpan<byte> bytes)
    {
        if (!parameters.HasData || !parameters.PeekTag().HasSameClassAndValue(Asn1Tag.ObjectIdentifier))
            return null;
        string id = new AsnReader(parameters.PeekEncodedValue(), AsnEncodingRules.BER).ReadObjectIdentifier();
        if (EllipticCurve.All.FirstOrDefault(curve => curve.Id == id) is not { } curve)
            return null;
        return ReadPoint(curve, bytes) is { } point
            ? new EllipticKey(curve, point)
            : throw new AsnContentException($"a key of ECDSA that is no point of {curve.Name}");
    }

    /// <inheritdoc/>
    public override bool Verify(SignatureMethod method, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        bool isFor = method.Kind == SignatureKind.Ecdsa && hash.Length == HashFunctions.Length(method.Function);
        if (!isFor || !TryRead(signature, out BigInteger r, out BigInteger s))
            return false;
        BigInteger order = _curve.Order;
        if (r.Sign <= 0 || r >= order || s.Sign <= 0 || s >= order)
            return false;
        // Of a hash that is longer than the order, its first bits.
        var number = new BigInteger(hash, isUnsigned: true, isBigEndian: true);
        number >>= Math.Max(0, (hash.Length * 8) - _curve.Bits);
        var inverse = BigInteger.ModPow(s, order - 2, order);
        return _curve.IsSum(number * inverse % order, r * inverse % order, _point, r);
    }

    /// <inheritdoc/>
    public override SignatureMethod MethodOf(HashFunction function, SignatureMethod? stated) => new(SignatureKind.Ecdsa, function);

    private static EllipticPoint? ReadPoint(EllipticCurve curve, ReadOnlySpan<byte> bytes)
    {
        int length = (curve.Bits + 7) / 8;
        if (bytes.Length == 1 + (2 * length) && bytes[0] == BothCoordinates)
            return curve.Point(Number(bytes[1..^length]), Number(bytes[^length..]));
        return bytes.Length == 1 + length && (bytes[0] & ~1) == OneCoordinate ? curve.Point(Number(bytes[1..]), (bytes[0] & 1) != 0) : null;
    }

    /// <summary>Reads the two numbers of a signature, which have one encoding alone (RFC 3279, 2.2.3).</summary>
    private static bool TryRead(ReadOnlySpan<byte> signature, out BigInteger r, out BigInteger s)
    {
        try
        {
            var reader = new AsnReader(signature.ToArray(), AsnEncodingRules.DER);
            AsnReader numbers = reader.ReadSequence();
            reader.ThrowIfNotEmpty();
            r = numbers.ReadInteger();
            s = numbers.ReadInteger();
            numbers.ThrowIfNotEmpty();
            return true;
        }
        catch (AsnContentException)
        {
            r = s = BigInteger.Zero;
            return false;
        }
    }

    private static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);
}
