using System.Formats.Asn1;
using System.Text;

namespace BootProtocol.Certificates;

/// <summary>A name in a certificate (RFC 5280, 4.1.2.4).</summary>
internal static class DistinguishedName
{
    /// <summary>The forms of text in which names are written.</summary>
    private static readonly UniversalTagNumber[] _texts =
    [
        UniversalTagNumber.UTF8String, UniversalTagNumber.PrintableString, UniversalTagNumber.IA5String, UniversalTagNumber.T61String,
        UniversalTagNumber.BMPString, UniversalTagNumber.VisibleString, UniversalTagNumber.NumericString,
    ];

    /// <summary>The most characters of a name in a message: names in use are shorter, and a message is one line.</summary>
    private const int MaximumInMessage = 200;

    /// <summary>All of it, in its own order: <c>C=US, O=Example, CN=Example CA</c>. What cannot be read is left out.</summary>
    public static string Text(ReadOnlyMemory<byte> name) =>
        string.Join(", ", Parts(name).Select(static part => $"{ObjectIds.Name(part.Kind)}={part.Value}"));

    /// <summary>The common name; its last attribute where it has none.</summary>
    public static string Short(ReadOnlyMemory<byte> name)
    {
        List<(string Kind, string Value)> parts = Parts(name);
        int index = parts.FindIndex(static part => part.Kind == ObjectIds.CommonName);
        return parts.Count == 0 ? "(no name)" : parts[index < 0 ? ^1 : index].Value;
    }

    /// <summary>What two names have in common that are the same, however they are encoded: without case, runs of spaces one (RFC 5280, 7.1).</summary>
    public static string Key(ReadOnlyMemory<byte> name) => string.Join('\0', Parts(name).Select(static part =>
        $"{part.Kind}={string.Join(' ', part.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToUpperInvariant()}"));

    /// <summary>A name, or another text out of a file, for a message: the beginning of a long one.</summary>
    public static string Cut(string name) => name.Length <= MaximumInMessage ? name : $"{name.AsSpan(0, MaximumInMessage)}...";

    /// <summary>Reads as much as can be read: a name that is wrong makes no signature wrong.</summary>
    private static List<(string Kind, string Value)> Parts(ReadOnlyMemory<byte> name)
    {
        var parts = new List<(string, string)>();
        try
        {
            AsnReader sets = new AsnReader(name, AsnEncodingRules.BER).ReadSequence();
            while (sets.HasData)
            {
                AsnReader set = sets.ReadSetOf(skipSortOrderValidation: true);
                while (set.HasData)
                {
                    AsnReader attribute = set.ReadSequence();
                    parts.Add((attribute.ReadObjectIdentifier(), Value(attribute.ReadEncodedValue())));
                }
            }
        }
        catch (AsnContentException)
        {
            return parts;
        }

        return parts;
    }

    /// <summary>
    /// The text of a value; one with characters that its kind does not have as UTF-8, and one of no text in hexadecimal digits (RFC 4514, 2.4).
    /// </summary>
    private static string Value(ReadOnlyMemory<byte> encoded)
    {
        Asn1Tag tag = AsnDecoder.ReadEncodedValue(encoded.Span, AsnEncodingRules.BER, out int offset, out int length, out _);
        var kind = (UniversalTagNumber)tag.TagValue;
        if (tag.TagClass != TagClass.Universal || !_texts.Contains(kind))
            return $"#{Convert.ToHexStringLower(encoded.Span)}";
        try
        {
            return new AsnReader(encoded, AsnEncodingRules.BER).ReadCharacterString(kind);
        }
        catch (AsnContentException)
        {
            return Encoding.UTF8.GetString(encoded.Span.Slice(offset, length));
        }
    }
}
