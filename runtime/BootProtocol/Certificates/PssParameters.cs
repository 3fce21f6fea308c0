using System.Formats.Asn1;
using System.Globalization;
using BootProtocol.Hashes;

namespace BootProtocol.Certificates;

/// <summary>Parameters of RSASSA-PSS (RFC 8017, A.2.3).</summary>
/// <param name="Function">The hash function of what is signed.</param>
/// <param name="MaskFunction">The hash function of the mask (MGF1).</param>
/// <param name="SaltLength">Bytes of the salt.</param>
internal sealed record PssParameters(HashFunction Function, HashFunction MaskFunction, int SaltLength)
{
    private const int DefaultSaltLength = 20;

    private static readonly Asn1Tag _functionTag = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag _maskTag = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag _saltTag = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag _trailerTag = new(TagClass.ContextSpecific, 3);

    /// <summary>Those of a signature that states none.</summary>
    public static PssParameters Default { get; } = new(HashFunction.Sha1, HashFunction.Sha1, DefaultSaltLength);

    /// <summary>What they are for people, such as <c>sha256, salt of 32 bytes</c>.</summary>
    public string Name
    {
        get
        {
            string mask = MaskFunction == Function ? "" : $", mask by {HashFunctions.Name(MaskFunction)}";
            return string.Create(CultureInfo.InvariantCulture, $"{HashFunctions.Name(Function)}{mask}, salt of {SaltLength} bytes");
        }
    }

    /// <summary>Reads them.</summary>
    /// <param name="algorithm">The reader at them.</param>
    /// <returns>Null if a hash function, the mask or the trailer is none that is known here.</returns>
    /// <exception cref="AsnContentException">They are none.</exception>
    public static PssParameters? Read(AsnReader algorithm)
    {
        AsnReader parameters = algorithm.ReadSequence();
        HashFunction? function = HashFunction.Sha1;
        HashFunction? mask = HashFunction.Sha1;
        int salt = DefaultSaltLength;
        bool isTrailerKnown = true;
        if (Has(parameters, _functionTag))
            function = ObjectIds.Digest(ObjectIds.ReadDigest(parameters.ReadSequence(_functionTag)));
        if (Has(parameters, _maskTag))
        {
            AsnReader generator = parameters.ReadSequence(_maskTag).ReadSequence();
            mask = generator.ReadObjectIdentifier() == ObjectIds.MaskGenerator ? ObjectIds.Digest(ObjectIds.ReadDigest(generator)) : null;
        }

        if (Has(parameters, _saltTag) && (!parameters.ReadSequence(_saltTag).TryReadInt32(out salt) || salt < 0))
            throw new AsnContentException("a salt of a length that none has");
        if (Has(parameters, _trailerTag))
            isTrailerKnown = parameters.ReadSequence(_trailerTag).TryReadInt32(out int trailer) && trailer == 1;
        parameters.ThrowIfNotEmpty();
        return function is { } known && mask is { } knownMask && isTrailerKnown ? new PssParameters(known, knownMask, salt) : null;
    }

    private static bool Has(AsnReader parameters, Asn1Tag tag) => parameters.HasData && parameters.PeekTag().HasSameClassAndValue(tag);
}
