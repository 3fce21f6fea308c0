using System.Collections.Immutable;
using BootProtocol.Pe;

namespace BootProtocol.Images;

/// <summary>A signature of an image: an entry of the PE certificate table. What it is worth is not checked.</summary>
/// <param name="Offset">The file offset of the entry, in bytes.</param>
/// <param name="Length">Its bytes, its header of 8 bytes counted.</param>
/// <param name="Type">The kind of certificate.</param>
/// <param name="Signers">
/// Who signed, as the signers' certificates in it name them (the common name of the subject); empty for kinds other than
/// <see cref="WinCertificateType.PkcsSignedData"/>.
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

    private const int Alignment = 8;
    private const string Structure = "win_certificate";

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
        while (end - offset >= WinCertificate.Layout.Size)
        {
            if (signatures.Count == MaximumCount)
                throw new BootFormatException(
                    BootErrorCode.TooLarge, Structure, "", offset, FormattableString.Invariant($"at most {MaximumCount} of them"), "more");
            PeSignature signature = Read(file[(int)offset..(int)end], offset);
            signatures.Add(signature);
            offset += (signature.Length + Alignment - 1L) & -Alignment;
        }

        return signatures.ToImmutable();
    }

    private static PeSignature Read(ReadOnlyMemory<byte> rest, long offset)
    {
        WinCertificate header = WinCertificate.Parse(rest.Span);
        if (header.Length < WinCertificate.Layout.Size || header.Length > rest.Length)
        {
            string expected = FormattableString.Invariant($"{WinCertificate.Layout.Size} to {rest.Length} bytes");
            throw new BootFormatException(BootErrorCode.WrongSize, Structure, "length", offset, expected, FormattableString.Invariant($"{header.Length}"));
        }

        ReadOnlyMemory<byte> body = rest[WinCertificate.Layout.Size..(int)header.Length];
        ImmutableArray<string> signers = header.CertType == WinCertificateType.PkcsSignedData
            ? SignedDataReader.ReadSigners(body, offset + WinCertificate.Layout.Size)
            : [];
        return new PeSignature(offset, (int)header.Length, header.CertType, signers);
    }
}
