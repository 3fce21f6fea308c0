using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;

namespace BootProtocol.Certificates;

/// <summary>Certificates as text (PEM, RFC 7468).</summary>
internal static class CertificateText
{
    private static ReadOnlySpan<byte> Begin => "-----BEGIN "u8;

    private static ReadOnlySpan<byte> End => "-----END "u8;

    private static ReadOnlySpan<byte> Dashes => "-----"u8;

    /// <summary>What certificates are called: of old X509, too, and TRUSTED where OpenSSL appends what they are trusted for.</summary>
    private static readonly string[] _labels = ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"];

    /// <summary>Finds and decodes them; none if the file has no line that begins one.</summary>
    /// <param name="file">The file.</param>
    /// <param name="other">What something else in text is called, such as <c>PRIVATE KEY</c>; null if there is nothing.</param>
    /// <exception cref="BootFormatException">One has no end, or is not of Base64.</exception>
    public static ImmutableArray<byte[]> Read(ReadOnlySpan<byte> file, out string? other)
    {
        var found = ImmutableArray.CreateBuilder<byte[]>();
        other = null;
        int at = 0;
        while (file[at..].IndexOf(Begin) is var begin and >= 0)
        {
            at += begin + Begin.Length;
            int labelLength = file[at..].IndexOf(Dashes);
            if (labelLength < 0)
                break;
            string label = Encoding.ASCII.GetString(file.Slice(at, labelLength));
            if (!_labels.Contains(label))
            {
                other ??= label;
                continue;
            }

            at += labelLength + Dashes.Length;
            int length = file[at..].IndexOf(End);
            if (length < 0)
                throw new BootFormatException(BootErrorCode.Missing, "certificate", "", at, "a line that ends it", "none");
            found.Add(Decode(file.Slice(at, length), at));
            at += length + End.Length;
        }

        return found.ToImmutable();
    }

    private static byte[] Decode(ReadOnlySpan<byte> text, int at)
    {
        byte[] bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        if (Base64.DecodeFromUtf8(text, bytes, out _, out int written) != System.Buffers.OperationStatus.Done)
            throw new BootFormatException(BootErrorCode.Malformed, "certificate", "", at, "text of Base64", "something else");
        return bytes[..written];
    }
}
