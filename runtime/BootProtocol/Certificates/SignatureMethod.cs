using System.Formats.Asn1;
using BootProtocol.Hashes;

namespace BootProtocol.Certificates;

/// <summary>A kind of signature with its hash function: what an AlgorithmIdentifier of a signature says (RFC 4055, RFC 5758, RFC 8017).</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Function">The hash function of what is signed.</param>
/// <param name="Pss">The parameters of PSS; null for other kinds.</param>
internal sealed record SignatureMethod(SignatureKind Kind, HashFunction Function, PssParameters? Pss = null)
{
    /// <summary>Reads which kind of signature is meant.</summary>
    /// <param name="algorithm">The content of an AlgorithmIdentifier.</param>
    /// <param name="name">A name for people, also where it is of no kind that is known here.</param>
    /// <returns>Null if it is of no kind that is known here.</returns>
    /// <exception cref="AsnContentException">It is no AlgorithmIdentifier.</exception>
    public static SignatureMethod? Read(AsnReader algorithm, out string name)
    {
        string id = algorithm.ReadObjectIdentifier();
        name = ObjectIds.Name(id);
        if (ObjectIds.RsaSignature(id) is { } rsa)
            return new SignatureMethod(SignatureKind.RsaPkcs1, rsa);
        if (ObjectIds.EllipticSignature(id) is { } elliptic)
            return new SignatureMethod(SignatureKind.Ecdsa, elliptic);
        if (id != ObjectIds.RsaPss)
            return null;
        PssParameters? parameters = algorithm.HasData ? PssParameters.Read(algorithm) : PssParameters.Default;
        if (parameters is not null)
            name = $"{name} with {parameters.Name}";
        return parameters is null ? null : new SignatureMethod(SignatureKind.RsaPss, parameters.Function, parameters);
    }
}
