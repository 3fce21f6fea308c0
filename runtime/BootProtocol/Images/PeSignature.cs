using System.Collections.Immutable;
using BootProtocol.Certificates;
using BootProtocol.Pe;

namespace BootProtocol.Images;

/// <summary>A signature of an image: an entry of the PE certificate table. What it is worth, <c>ImageSignature</c> says.</summary>
/// <param name="Offset">The file offset of the entry, in bytes.</param>
/// <param name="Length">Its bytes, its header of 8 bytes counted.</param>
/// <param name="Type">The kind of certificate.</param>
/// <param name="Signers">
/// Who signed, as the signers' certificates in it name them (the common name of the subject); empty for kinds other than
/// <see cref="WinCertificateType.PkcsSignedData"/>, and where the signed data cannot be read.
/// </param>
/// <remarks>Source: Microsoft PE format, "The Attribute Certificate Table"; the signed data: RFC 2315.</remarks>
/// <example><code>
/// foreach (PeSignature signature in image.Signatures)
///     Console.WriteLine($"{signature.Type} at 0x{signature.Offset:x}: {string.Join(", ", signature.Signers)}");
/// </code></example>
public sealed record PeSignature(long Offset, int Length, WinCertificateType Type, ImmutableArray<string> Signers)
{
    /// <summary>The most entries; images have one or two.</summary>
    public const int MaximumCount = 64;

    /// <summary>Reads the certificate table of an image.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="pe">Its PE headers.</param>
    /// <exception cref="BootFormatException">The table or an entry does not lie in the file, or an entry is broken.</exception>
    internal static ImmutableArray<PeSignature> ReadAll(ReadOnlyMemory<byte> file, PeView pe)
    {
        (long offset, long length) = pe.Certificates;
        long end = offset + length;
        if (end > file.Length)
        {
            long at = pe.DirectoryOffset + ((long)DataDirectoryIndex.Certs * DataDirectoryEntry.Layout.Size);
            string expected = FormattableString.Invariant($"a place inside a file of {file.Length} bytes");
            throw new BootFormatException(
                BootErrorCode.OutOfBounds, "data_dirent", "certs", at, expected, FormattableString.Invariant($"{length} bytes at offset 0x{offset:x}"));
        }

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
            int body = entries.Offset + WinCertificate.Layout.Size;
            ImmutableArray<string> signers = entry.CertType == WinCertificateType.PkcsSignedData
                ? NamesIn(table.Slice(body, entry.Certificate.Length), offset + body)
                : [];
            signatures.Add(new PeSignature(place, (int)entry.Length, entry.CertType, signers));
        }

        // Less than a header behind the last entry is no entry.
        if (entries.Error.IsError && entries.Rest.Length >= WinCertificate.Layout.Size)
            throw entries.Error.ToException();
        return signatures.ToImmutable();
    }

    /// <summary>Who signed; nobody where the signed data cannot be read, as other entries may be right.</summary>
    private static ImmutableArray<string> NamesIn(ReadOnlyMemory<byte> bytes, long offset) => SignedData.TryRead(bytes, offset, out _) is { } data
        ? [.. data.Signers.Select(static signer => signer.Name)]
        : [];
}
