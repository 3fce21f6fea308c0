using BootProtocol.Hashes;

namespace BootProtocol.Signatures;

/// <summary>The kinds of lists by their identifiers (UEFI specification 2.10, 32.4.1).</summary>
internal static class SignatureListKinds
{
    /// <summary>Bytes of an identifier.</summary>
    public const int GuidLength = 16;

    private static readonly (Guid Id, SignatureListKind Kind, HashFunction? Function)[] _known =
    [
        (new Guid("c1c41626-504c-4092-aca9-41f936934328"), SignatureListKind.ImageHash, HashFunction.Sha256),
        (new Guid("826ca512-cf10-4ac9-b187-be01496631bd"), SignatureListKind.ImageHash, HashFunction.Sha1),
        (new Guid("ff3e5307-9fd0-48c9-85f1-8ad56c701e01"), SignatureListKind.ImageHash, HashFunction.Sha384),
        (new Guid("093e0fae-a6c4-4f50-9f1b-d41e2b89c19a"), SignatureListKind.ImageHash, HashFunction.Sha512),
        (new Guid("a5c059a1-94e4-4aa7-87b5-ab155c2bf072"), SignatureListKind.Certificate, null),
        (new Guid("3bd2a492-96c0-4079-b420-fcf98ef103ed"), SignatureListKind.CertificateHash, HashFunction.Sha256),
        (new Guid("7076876e-80c2-4ee6-aad2-28b349a6865b"), SignatureListKind.CertificateHash, HashFunction.Sha384),
        (new Guid("446dbf63-2502-4cda-bcfa-2465d2b0fe9d"), SignatureListKind.CertificateHash, HashFunction.Sha512),
        // Keys of RSA and signatures by them, SHA-224, PKCS#7 as a whole, and what an external program decides.
        (new Guid("3c5766e8-269c-4e34-aa14-ed776e85b3b6"), SignatureListKind.Other, null),
        (new Guid("e2b36190-879b-4a3d-ad8d-f2e7bba32784"), SignatureListKind.Other, null),
        (new Guid("67f8444f-8743-48f1-a328-1eaab8736080"), SignatureListKind.Other, null),
        (new Guid("0b6e5233-a65c-44c9-9407-d9ab83bfc8bd"), SignatureListKind.Other, null),
        (new Guid("4aafd29d-68df-49ee-8aa9-347d375665a7"), SignatureListKind.Other, null),
        (new Guid("452e8ced-dfff-4b8c-ae01-5118862e682c"), SignatureListKind.Other, null),
    ];

    /// <summary>Whether an identifier is that of a kind.</summary>
    public static bool IsKnown(ReadOnlySpan<byte> guid) => Array.Exists(_known, Matches(guid));

    /// <summary>What the entries of a list are; <see cref="SignatureListKind.Other"/> if nobody says.</summary>
    public static (SignatureListKind Kind, HashFunction? Function) Find(ReadOnlySpan<byte> guid)
    {
        (_, SignatureListKind kind, HashFunction? function) = Array.Find(_known, Matches(guid));
        return (kind, function);
    }

    /// <summary>The identifier of a kind; null if it has none.</summary>
    public static Guid? Find(SignatureListKind kind, HashFunction? function)
    {
        int index = kind == SignatureListKind.Other ? -1 : Array.FindIndex(_known, known => known.Kind == kind && known.Function == function);
        return index < 0 ? null : _known[index].Id;
    }

    private static Predicate<(Guid Id, SignatureListKind Kind, HashFunction? Function)> Matches(ReadOnlySpan<byte> guid)
    {
        var id = new Guid(guid);
        return known => known.Id == id;
    }
}
