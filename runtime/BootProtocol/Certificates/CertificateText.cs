using System.Buffers.Text;
using System.Collections.Immutable;

namespace BootProtocol.Certificates;

/// <summary>Certificates as text (PEM, RFC 7468).</summary>
internal static class CertificateText
{
    private static ReadOnlySpan<byte> Begin => "-----BEGIN CERTIFICATE-----"u8;

    private static ReadOnlySpan<byte> End => "-----END CERTIFICATE-----"u8;

    /// <summary>Finds and decodes them; none if the file has no line that begins one.</summary>
    /// <exception cref="BootFormatException">One has no end, or is not of Base64.</exception>
    public static ImmutableArray<byte[]> Read(ReadOnlySpan<byte> file)
    {
        var found = ImmutableArray.CreateBuilder<byte[]>();
        int at = 0;
        while (file[at..].IndexOf(Begin) is var begin and >= 0)
        {
            at += begin + Begin.Length;
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
