using System.Collections.Immutable;
using BootProtocol.Certificates;
using BootProtocol.EfiSignatures;
using BootProtocol.Hashes;

namespace BootProtocol.Signatures;

/// <summary>A firmware's list of signatures: what Secure Boot starts (db), and what it must not start (dbx).</summary>
/// <remarks>
/// A file of one is read in each of the forms in which they come: the lists alone, as Linux shows the variable (<c>efivarfs</c>, 4 bytes of
/// attributes first), and signed as firmware takes it (an update, as UEFI's own revocation file is), also behind the attributes, as it is written
/// to <c>efivarfs</c>.
/// Source: UEFI specification 2.10, 32.4.1 and 8.2.2.
/// </remarks>
/// <example><code>
/// byte[] file = SignatureList.Write([new SignatureListEntry(SignatureListKind.ImageHash, HashFunction.Sha256, new byte[32], Guid.Empty)]);
/// SignatureList read = SignatureList.Read(file);
/// Console.WriteLine($"{read.Entries.Length} entries, for this image: {read.FindImage(unified)?.Kind}");
/// </code></example>
public sealed class SignatureList
{
    /// <summary>The most entries: UEFI's own list of revocations has some hundreds.</summary>
    public const int MaximumCount = 1 << 16;

    /// <summary>Bytes of attributes in front of a variable's contents, as Linux shows it.</summary>
    private const int AttributesLength = 4;

    private readonly Lazy<CertificateEntries> _certificates;

    private SignatureList(ImmutableArray<SignatureListEntry> entries)
    {
        Entries = entries;
        _certificates = new Lazy<CertificateEntries>(() => new CertificateEntries(entries));
    }

    /// <summary>All entries, in the order of the file.</summary>
    public ImmutableArray<SignatureListEntry> Entries { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="file">The whole file.</param>
    /// <exception cref="BootFormatException">It is in none of the forms, or a list in it is broken.</exception>
    public static SignatureList Read(ReadOnlyMemory<byte> file)
    {
        var entries = new List<SignatureListEntry>();
        int offset = FindStart(file);
        while (offset < file.Length)
            offset += ReadList(file, offset, entries);
        return new SignatureList([.. entries]);
    }

    /// <summary>This list and another one.</summary>
    public SignatureList With(SignatureList other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new SignatureList([.. Entries, .. other.Entries]);
    }

    /// <summary>Writes entries as lists, one list each: a file that firmware and its tools read.</summary>
    /// <param name="entries">The entries; each a hash or a certificate.</param>
    /// <exception cref="ArgumentException">One is of a kind that has no identifier.</exception>
    public static byte[] Write(IReadOnlyCollection<SignatureListEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        using var file = new MemoryStream();
        foreach (SignatureListEntry entry in entries)
        {
            Guid kind = SignatureListKinds.Find(entry.Kind, entry.Function)
                ?? throw new ArgumentException($"no list has entries of kind {entry.Kind} by {entry.Function}", nameof(entries));
            int size = SignatureListKinds.GuidLength + entry.Data.Length;
            byte[] list = new byte[EfiSignatureList.Layout.Size + size];
            EfiSignatureList.Writer header = EfiSignatureList.Create(list);
            kind.TryWriteBytes(list);
            header.Size = (uint)list.Length;
            header.SignatureSize = (uint)size;
            entry.Owner.TryWriteBytes(list.AsSpan(EfiSignatureList.Layout.Size));
            entry.Data.Span.CopyTo(list.AsSpan(EfiSignatureList.Layout.Size + SignatureListKinds.GuidLength));
            file.Write(list);
        }

        return file.ToArray();
    }

    /// <summary>Finds the entry for an image itself, by its digest.</summary>
    /// <returns>Null if there is none.</returns>
    /// <exception cref="BootFormatException">The image has no PE headers, or they do not describe the file.</exception>
    public SignatureListEntry? FindImage(Images.BootImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        foreach (IGrouping<HashFunction?, SignatureListEntry> group in Entries
            .Where(static entry => entry is { Kind: SignatureListKind.ImageHash, Function: not null })
            .GroupBy(static entry => entry.Function))
        {
            byte[] digest = ImageDigest.Compute(image, group.Key!.Value);
            if (group.FirstOrDefault(entry => entry.Data.Span.SequenceEqual(digest)) is { } found)
                return found;
        }

        return null;
    }

    /// <summary>Finds the entry for a certificate: that itself, however the issuer's signature of it is encoded, or its hash.</summary>
    /// <returns>Null if there is none.</returns>
    public SignatureListEntry? FindCertificate(Certificate certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return _certificates.Value.Find(certificate);
    }

    /// <summary>The certificates in it; those that cannot be read are left out, as firmware does.</summary>
    internal IReadOnlyCollection<Certificate> Certificates => _certificates.Value.Readable;

    /// <summary>Where the lists start: behind what a signed update or Linux puts in front of them.</summary>
    private static int FindStart(ReadOnlyMemory<byte> file)
    {
        if (IsList(file, 0))
            return 0;
        if (IsList(file, AttributesLength))
            return AttributesLength;
        foreach (int before in (int[])[0, AttributesLength])
        {
            if (file.Length < before || !EfiVariableAuthentication2.TryParse(file.Span[before..], out EfiVariableAuthentication2 update, out _))
                continue;
            long start = before + EfiTime.Layout.Size + (long)update.AuthInfo.Length;
            if (start == file.Length || (start < file.Length && IsList(file, (int)start)))
                return (int)start;
        }

        // An empty variable as Linux shows it.
        if (file.Length == AttributesLength)
            return AttributesLength;
        throw new BootFormatException(
            BootErrorCode.Malformed,
            EfiSignatureList.Layout.Info.Name,
            "",
            0,
            "lists of signatures of EFI, alone, behind a variable's attributes or in a signed update",
            file.IsEmpty ? "an empty file" : "something else");
    }

    private static bool IsList(ReadOnlyMemory<byte> file, int offset) =>
        offset < file.Length && EfiSignatureList.TryParse(file.Span[offset..], out EfiSignatureList list, out _)
        && SignatureListKinds.IsKnown(list.Type.AsSpan());

    private static int ReadList(ReadOnlyMemory<byte> file, int offset, List<SignatureListEntry> entries)
    {
        if (!EfiSignatureList.TryParse(file.Span[offset..], out EfiSignatureList list, out ParseError error))
            throw new BootFormatException(error.Code, error.Structure, error.Field, offset + error.Offset, error.Expected, error.Found);
        int length = (int)list.Size;
        int size = (int)list.SignatureSize;
        int room = list.Signatures.Length;
        if (size <= SignatureListKinds.GuidLength || room % size != 0)
        {
            throw new BootFormatException(
                BootErrorCode.Malformed,
                EfiSignatureList.Layout.Info.Name,
                "signature_size",
                offset + EfiSignatureList.Layout.Offset.SignatureSize,
                FormattableString.Invariant($"a size above {SignatureListKinds.GuidLength} of which {room} bytes are a multiple"),
                FormattableString.Invariant($"{list.SignatureSize}"));
        }

        (SignatureListKind kind, HashFunction? function) = SignatureListKinds.Find(list.Type.AsSpan());
        RequireSize(kind, function, size - SignatureListKinds.GuidLength, offset);
        for (int at = offset + length - room; at < offset + length; at += size)
        {
            if (entries.Count == MaximumCount)
            {
                string most = FormattableString.Invariant($"at most {MaximumCount} entries");
                throw new BootFormatException(BootErrorCode.TooLarge, EfiSignatureList.Layout.Info.Name, "", at, most, "more");
            }

            EfiSignatureData entry = EfiSignatureData.Parse(file.Span.Slice(at, size));
            ReadOnlyMemory<byte> data = file.Slice(at + SignatureListKinds.GuidLength, size - SignatureListKinds.GuidLength);
            // Behind the hash of a certificate stands the time from which on it is revoked.
            if (kind != SignatureListKind.Certificate && function is { } known && data.Length > HashFunctions.Length(known))
                data = data[..HashFunctions.Length(known)];
            entries.Add(new SignatureListEntry(kind, function, data, new Guid(entry.Owner.AsSpan())));
        }

        return length;
    }

    /// <summary>Hashes have one length; behind that of a certificate may stand a time.</summary>
    private static void RequireSize(SignatureListKind kind, HashFunction? function, int size, int offset)
    {
        if (kind is not (SignatureListKind.ImageHash or SignatureListKind.CertificateHash) || function is not { } known)
            return;
        int hash = HashFunctions.Length(known);
        if (size == hash || (kind == SignatureListKind.CertificateHash && size == hash + EfiTime.Layout.Size))
            return;
        throw new BootFormatException(
            BootErrorCode.Malformed,
            EfiSignatureList.Layout.Info.Name,
            "signature_size",
            offset + EfiSignatureList.Layout.Offset.SignatureSize,
            FormattableString.Invariant($"{SignatureListKinds.GuidLength + hash} bytes for a hash of {HashFunctions.Name(known)}"),
            FormattableString.Invariant($"{SignatureListKinds.GuidLength + size}"));
    }
}
