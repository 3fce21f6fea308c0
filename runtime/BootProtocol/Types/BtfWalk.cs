using BootProtocol.Btf;

namespace BootProtocol.Types;

/// <summary>Walks through the records of types, each as long as its kind and its count say.</summary>
internal static class BtfWalk
{
    /// <summary>Where each record starts.</summary>
    /// <param name="section">The bytes that they are in.</param>
    /// <param name="start">Where the first one starts.</param>
    /// <param name="end">Where the last one ends.</param>
    /// <exception cref="BootFormatException">One is of an unknown kind, or does not end where they do.</exception>
    public static List<int> Places(ReadOnlySpan<byte> section, int start, int end)
    {
        var places = new List<int>();
        int at = start;
        while (at < end)
        {
            if (end - at < BtfRecord.Layout.Size)
                throw Cut(at);
            places.Add(at);
            BtfInfo info = BtfRecord.Parse(section[at..]).Info;
            at += BtfRecord.Layout.Size;
            int following = Following(info, at);
            if (following > end - at)
                throw Cut(at);
            at += following;
        }

        return places;
    }

    /// <summary>The bytes that follow a record.</summary>
    private static int Following(BtfInfo info, int at) => info.GetKind() switch
    {
        BtfKind.Integer or BtfKind.Variable or BtfKind.DeclarationTag => sizeof(uint),
        BtfKind.Array => BtfArray.Layout.Size,
        BtfKind.Structure or BtfKind.Union => BtfMember.Layout.Size * (int)info.GetCount(),
        BtfKind.Enumeration => BtfEnum.Layout.Size * (int)info.GetCount(),
        BtfKind.LongEnumeration => BtfEnum64.Layout.Size * (int)info.GetCount(),
        BtfKind.FunctionType => BtfParameter.Layout.Size * (int)info.GetCount(),
        BtfKind.Section => 3 * sizeof(uint) * (int)info.GetCount(),
        BtfKind.Pointer or BtfKind.Forward or BtfKind.Typedef or BtfKind.Volatile or BtfKind.Const or BtfKind.Restrict or BtfKind.Function
            or BtfKind.Float or BtfKind.TypeTag => 0,
        BtfKind other => throw new BootFormatException(
            BootErrorCode.Unsupported, "btf_type", "info", at, "a kind of type from 1 to 19", BtfFaults.Text($"kind {(int)other}")),
    };

    private static BootFormatException Cut(int at) => BtfFaults.Broken("type", at, "a type that ends where the types do", "more of it");
}
