using System.Collections.Immutable;
using System.Text;
using BootProtocol.Certificates;
using BootProtocol.Pe;

namespace BootProtocol.Images;

/// <summary>A signature of an image: an entry of the PE certificate table. What it is worth, <c>ImageSignature</c> says.</summary>
/// <param name="Offset">The file offset of the entry, in bytes.</param>
/// <param name="Length">Its bytes, its header of 8 bytes counted.</param>
/// <param name="Type">The kind of certificate.</param>
/// <param name="Signers">
/// Who signed, as the signers' certificates in it name them (the common name of the subject); empty for kinds other than PKCS#7
/// (<see cref="WinCertificateType.PkcsSignedData"/>, or <see cref="WinCertificateType.EfiGuid"/> with the identifier for that), and where the
/// signed data cannot be read.
/// </param>
/// <remarks>Source: Microsoft PE format, "The Attribute Certificate Table"; the signed data: RFC 2315.</remarks>
/// <example><code>
/// foreach (PeSignature signature in image.Signatures)
///     Console.WriteLine($"{signature.Type} at 0x{signature.Offset:x}: {string.Join(", ", signature.Signers)}");
/// </code></example>
public sealed record PeSignature(long Offset, int Length, WinCertificateType Type, ImmutableArray<string> Signers)
{
    /// <summary>The kind that an entry of <see cref="WinCertificateType.EfiGuid"/> gives for PKCS#7 (UEFI specification 2.10, 32.2.4).</summary>
    private static readonly Guid _pkcs7 = new("4aafd29d-68df-49ee-8aa9-347d375665a7");

    /// <summary>The most entries; images have one or two.</summary>
    public const int MaximumCount = 64;

    /// <summary>Bytes of the entry in front of its signed data; 0 if it holds none.</summary>
    internal int HeaderLength { get; private init; }

    /// <summary>Reads the certificate table of an image.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="pe">Its PE headers.</param>
    /// <exception cref="BootFormatException">The table or an entry does not lie in the file, or an entry is broken.</exception>
    internal static ImmutableArray<PeSignature> ReadAll(ReadOnlyMemory<byte> file, PeView pe)
    {
        (long offset, long length) = pe.Certificates;
        long end = offset + length;
        string found = FormattableString.Invariant($"{length} bytes at offset 0x{offset:x}");
        if (end > file.Length)
            throw Misplaced(FormattableString.Invariant($"a place inside a file of {file.Length} bytes"), found, pe);
        if (PartAt(pe, offset, length) is { } part)
            throw Misplaced("a place behind the sections", $"{found}, in {part}: the file was changed after it was signed", pe);

        ImmutableArray<PeSignature>.Builder signatures = ImmutableArray.CreateBuilder<PeSignature>();
        ReadOnlyMemory<byte> table = file[(int)offset..(int)end];
        var entries = new ViewSequence<WinCertificate>(table.Span, WordSize.Bits64, start: offset).Read();
        while (entries.MoveNext())
        {
            long place = offset + entries.Offset;
            if (signatures.Count == MaximumCount)
            {
                throw new BootFormatException(
                    BootErrorCode.TooLarge,
                    WinCertificate.Layout.Info.Name,
                    "",
                    place,
                    FormattableString.Invariant($"at most {MaximumCount} of them"),
                    "more");
            }

            WinCertificate entry = entries.Current;
            int header = HeaderOf(entry);
            ImmutableArray<string> signers = header > 0
                ? NamesIn(table.Slice(entries.Offset + header, (int)entry.Length - header), place + header)
                : [];
            signatures.Add(new PeSignature(place, (int)entry.Length, entry.CertType, signers) { HeaderLength = header });
        }

        // Less than a header behind the last entry is no entry.
        if (entries.Error.IsError && entries.Rest.Length >= WinCertificate.Layout.Size)
            throw entries.Error.ToException();
        return signatures.ToImmutable();
    }

    /// <summary>
    /// What else stands where the certificates are to be: tools that add sections to a signed program (objcopy) leave the table's place as it was,
    /// and others' bytes are there then. Null if nothing does.
    /// </summary>
    internal static string? PartAt(PeView pe, long offset, long length)
    {
        if (length > 0 && offset < pe.DirectoryOffset)
            return "the headers";
        foreach (SectionHeader section in pe.Sections)
        {
            if (section.DataAddr < offset + length && offset < (long)section.DataAddr + section.RawDataSize)
                return "section " + Encoding.UTF8.GetString(section.Name.TrimEnd((byte)0));
        }

        return null;
    }

    /// <summary>PKCS#7 stands behind the entry's own header, or behind an identifier that says that it is PKCS#7: firmware takes both.</summary>
    private static int HeaderOf(WinCertificate entry)
    {
        const int GuidLength = 16;
        if (entry.CertType == WinCertificateType.PkcsSignedData)
            return WinCertificate.Layout.Size;
        bool isPkcs7 = entry.CertType == WinCertificateType.EfiGuid && entry.Certificate.Length > GuidLength
            && new Guid(entry.Certificate[..GuidLength]) == _pkcs7;
        return isPkcs7 ? WinCertificate.Layout.Size + GuidLength : 0;
    }

    private static BootFormatException Misplaced(string expected, string found, PeView pe) => new(
        BootErrorCode.OutOfBounds,
        "data_dirent",
        "certs",
        pe.DirectoryOffset + ((long)DataDirectoryIndex.Certs * DataDirectoryEntry.Layout.Size),
        expected,
        found);

    /// <summary>Who signed; nobody where the signed data cannot be read, as other entries may be right.</summary>
    private static ImmutableArray<string> NamesIn(ReadOnlyMemory<byte> bytes, long offset) => SignedData.TryRead(bytes, offset, out _) is { } data
        ? [.. data.Signers.Select(static signer => signer.Name)]
        : [];
}
