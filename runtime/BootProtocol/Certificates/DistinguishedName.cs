using System.Formats.Asn1;

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

    /// <summary>All of it, in its own order: <c>C=US, O=Example, CN=Example CA</c>.</summary>
    /// <exception cref="AsnContentException">It is none.</exception>
    public static string Text(ReadOnlyMemory<byte> name) =>
        string.Join(", ", Parts(name).Select(static part => $"{ObjectIds.Name(part.Kind)}={part.Value}"));

    /// <summary>The common name; its last attribute where it has none.</summary>
    /// <exception cref="AsnContentException">It is none.</exception>
    public static string Short(ReadOnlyMemory<byte> name)
    {
        List<(string Kind, string Value)> parts = Parts(name);
        int index = parts.FindIndex(static part => part.Kind == ObjectIds.CommonName);
        return parts.Count == 0 ? "(no name)" : parts[index < 0 ? ^1 : index].Value;
    }

    private static List<(string Kind, string Value)> Parts(ReadOnlyMemory<byte> name)
    {
        var parts = new List<(string, string)>();
        AsnReader sets = new AsnReader(name, AsnEncodingRules.BER).ReadSequence();
        while (sets.HasData)
        {
            AsnReader set = sets.ReadSetOf(skipSortOrderValidation: true);
            while (set.HasData)
            {
                AsnReader attribute = set.ReadSequence();
                string kind = attribute.ReadObjectIdentifier();
                Asn1Tag tag = attribute.PeekTag();
                if (tag.TagClass == TagClass.Universal && _texts.Contains((UniversalTagNumber)tag.TagValue))
                    parts.Add((kind, attribute.ReadCharacterString((UniversalTagNumber)tag.TagValue)));
            }
        }

        return parts;
    }
}
