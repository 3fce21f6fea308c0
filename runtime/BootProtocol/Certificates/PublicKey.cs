using System.Formats.Asn1;
using System.Globalization;
using BootProtocol.Hashes;

namespace BootProtocol.Certificates;

/// <summary>A public key of a certificate: what it is, and which signatures are by it.</summary>
/// <remarks>Only public numbers are computed with, so that it does not matter how long that takes; the sizes of keys bound it.</remarks>
internal abstract class PublicKey
{
    /// <summary>What it is for people, such as <c>RSA, 2048 bits</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Why it is worth little today; null if there is no reason.</summary>
    public virtual string? Weakness => null;

    /// <summary>Reads a key (SubjectPublicKeyInfo, RFC 5280, 4.1.2.7).</summary>
    /// <param name="info">The reader at it; it stands behind it then.</param>
    /// <param name="name">What it is for people, also where it is of no kind that is known here.</param>
    /// <returns>Null if it is of no kind, on no curve, or for no signatures that are known here.</returns>
    /// <exception cref="AsnContentException">It is none, or its numbers are of no use.</exception>
    public static PublicKey? Read(AsnReader info, out string name)
    {
        AsnReader key = info.ReadSequence();
        AsnReader algorithm = key.ReadSequence();
        string id = algorithm.ReadObjectIdentifier();
        byte[] bits = key.ReadBitString(out _);
        PublicKey? read = id switch
        {
            ObjectIds.Rsa => RsaKey.Read(bits),
            ObjectIds.RsaPss => ReadPss(algorithm, bits),
            ObjectIds.EllipticKey => EllipticKey.Read(algorithm, bits),
            _ => null,
        };
        name = read?.Name ?? UnknownName(id, algorithm);
        return read;
    }

    /// <summary>Whether a signature is one of a hash by this key.</summary>
    /// <param name="method">The kind of signature.</param>
    /// <param name="hash">The hash, of the function that the kind of signature names.</param>
    /// <param name="signature">The signature.</param>
    public abstract bool Verify(SignatureMethod method, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature);

    /// <summary>
    /// The kind of signature that a signer means. For keys of RSA it says whether it is PSS; all else is the key's own: other tools do not look at
    /// what a signer says of it, either, since it is not signed.
    /// </summary>
    /// <param name="function">The signer's hash function.</param>
    /// <param name="stated">What the signer states; null if it is of no kind that is known here.</param>
    public abstract SignatureMethod MethodOf(HashFunction function, SignatureMethod? stated);

    /// <summary>Reads a key for PSS alone; null if it is for signatures alone of which something is not known here.</summary>
    private static RsaKey? ReadPss(AsnReader algorithm, byte[] bits)
    {
        if (!algorithm.HasData)
            return RsaKey.Read(bits, isPss: true);
        return PssParameters.Read(algorithm) is { } least ? RsaKey.Read(bits, isPss: true, least) : null;
    }

    private static string UnknownName(string id, AsnReader algorithm)
    {
        string name = ObjectIds.Name(id);
        if (id != ObjectIds.EllipticKey)
            return name;
        return algorithm.HasData && algorithm.PeekTag().HasSameClassAndValue(Asn1Tag.ObjectIdentifier)
            ? string.Create(CultureInfo.InvariantCulture, $"{name}, curve {algorithm.ReadObjectIdentifier()}")
            : $"{name}, a curve of its own";
    }
}
