using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using BootProtocol.Specs;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>What a view has to say about bytes, worked out from the structure's table alone.</summary>
internal static class Oracle
{
    /// <summary>The bytes that belong to the structure: never fewer than its shortest length, if there are as many.</summary>
    public static int Length(SpecStructure structure, SpecVariant variant, ReadOnlySpan<byte> bytes)
    {
        int there = Math.Min(bytes.Length, variant.Size);
        if (Said(structure, variant, bytes) is not { } said)
            return there;
        return (int)Math.Min((ulong)there, Math.Max(said, (ulong)variant.FloorLength));
    }

    /// <summary>The field that is wrong, "" if it is the length, null if the bytes are such a structure.</summary>
    public static string? Fault(SpecStructure structure, SpecVariant variant, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < variant.FloorLength)
            return "";
        ReadOnlySpan<byte> all = bytes[..Length(structure, variant, bytes)];
        foreach (SpecField field in variant.Fields.Where(field => !CanBeAbsent(structure, variant, field)))
        {
            if (HasWrongConstant(structure, field, all) || BreaksRule(structure, field, all))
                return field.Name;
        }

        if (structure.Versions is { } versions && Version(structure, variant, all) < versions.Lowest)
            return versions.Field;
        if (Said(structure, variant, bytes) < (ulong)variant.FloorLength)
            return structure.LengthField ?? Named(variant).First(field => Holds(field, structure.EndByte!.Value)).Name;
        foreach (SpecField field in variant.Fields.Where(field => CanBeAbsent(structure, variant, field)))
        {
            if (IsThere(structure, variant, field, bytes) && (HasWrongConstant(structure, field, all) || BreaksRule(structure, field, all)))
                return field.Name;
        }

        return null;
    }

    /// <summary>Whether version and length let the field be there.</summary>
    public static bool IsThere(SpecStructure structure, SpecVariant variant, SpecField field, ReadOnlySpan<byte> bytes) =>
        Gated(structure, variant, field.Gate, bytes) && field.Offset + field.Size <= Length(structure, variant, bytes);

    /// <summary>Whether a field is the member of its union that is meant.</summary>
    private static bool IsMeant(SpecStructure structure, WordSize word, SpecField field, ReadOnlySpan<byte> stored) =>
        field.Condition is not { } condition
        || (Tag(structure, word, condition.Number, stored) is var number && number >= condition.First && number <= condition.Last);

    /// <summary>A number that says which row is meant: a field, bits of one, or either in a structure inside; what is absent is what it counts as.</summary>
    private static ulong Tag(SpecStructure structure, WordSize word, string name, ReadOnlySpan<byte> stored)
    {
        string[] names = name.Split('.', 2);
        SpecVariant variant = structure.Variant(word);
        SpecField field = Find(variant, names[0])!;
        if (field.Kind == SpecKind.Structure)
            return Tag(field.Structure!.Invoke(), word, names[1], stored.Slice(field.Offset, field.Size));
        ulong number = IsThere(structure, variant, field, stored) ? Number(structure, field, stored) : field.Else ?? 0;
        if (names.Length == 1)
            return number;
        ulong bits = field.Enumeration!.Invoke().Enumerators.Single(value => value.Name == names[1]).Value;
        return (number & bits) >> BitOperations.TrailingZeroCount(bits);
    }

    /// <summary>All properties in one text, a line each; the variant's missing ones included.</summary>
    public static string Describe(SpecStructure structure, WordSize word, ReadOnlySpan<byte> bytes)
    {
        SpecVariant variant = structure.Variant(word);
        ReadOnlySpan<byte> stored = bytes[..Length(structure, variant, bytes)];
        var text = new StringBuilder();
        IEnumerable<SpecField> properties = structure.Variants.SelectMany(Named).DistinctBy(field => field.Name);
        foreach (SpecField declared in properties.OrderBy(field => field.Name, StringComparer.Ordinal))
        {
            SpecField? field = Find(variant, declared.Name);
            bool isThere = field is not null && IsThere(structure, variant, field, bytes) && IsMeant(structure, word, field, stored);
            text.Append(declared.Name).Append('=');
            text.Append(isThere ? Value(structure, variant, field!, stored, word) : Missing(declared)).Append('\n');
        }

        return text.ToString();
    }

    public static IEnumerable<SpecField> Named(SpecVariant variant) => variant.Fields.Where(field => field.Kind != SpecKind.Pad);

    public static SpecField? Find(SpecVariant variant, string name) => Named(variant).FirstOrDefault(field => field.Name == name);

    public static uint Version(SpecStructure structure, SpecVariant variant, ReadOnlySpan<byte> bytes) =>
        (uint)Number(structure, Find(variant, structure.Versions!.Field)!, bytes);

    /// <summary>Whether a gate holds. A nested structure is not checked: one that is older than the oldest counts as the oldest.</summary>
    public static bool Gated(SpecStructure structure, SpecVariant variant, SpecGate? gate, ReadOnlySpan<byte> bytes) =>
        structure.Versions is not { } versions
        || gate is null
        || gate.Holds(Math.Max(versions.Lowest, Version(structure, variant, bytes)));

    /// <summary>A version as messages spell it.</summary>
    public static string Spell(SpecStructure structure, uint version) => structure.Versions!.IsDotted
        ? string.Create(CultureInfo.InvariantCulture, $"{version >> 8}.{version & 0xff:00}")
        : version.ToString(CultureInfo.InvariantCulture);

    public static void Store(Span<byte> place, ulong number, bool isBigEndian)
    {
        for (int i = 0; i < place.Length; i++)
            place[isBigEndian ? place.Length - 1 - i : i] = unchecked((byte)(number >> (8 * i)));
    }

    public static ulong Load(ReadOnlySpan<byte> place, bool isBigEndian) => place.Length switch
    {
        1 => place[0],
        2 => isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(place) : BinaryPrimitives.ReadUInt16LittleEndian(place),
        4 => isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(place) : BinaryPrimitives.ReadUInt32LittleEndian(place),
        8 => isBigEndian ? BinaryPrimitives.ReadUInt64BigEndian(place) : BinaryPrimitives.ReadUInt64LittleEndian(place),
        _ => throw new ArgumentException($"A number has no {place.Length} bytes.", nameof(place)),
    };

    private static ulong? Said(SpecStructure structure, SpecVariant variant, ReadOnlySpan<byte> bytes)
    {
        if (structure.EndByte is { } end)
            return (ulong)(end + 1 + bytes[end]);
        return structure.LengthField is { } name ? Number(structure, Find(variant, name)!, bytes) : null;
    }

    private static bool CanBeAbsent(SpecStructure structure, SpecVariant variant, SpecField field) =>
        (structure.Versions is { } known && field.Gate is { } gate && (gate.Lowest > known.Lowest || gate.Highest is not null))
        || field.Offset + field.Size > variant.FloorLength;

    private static bool Holds(SpecField field, int offset) => field.Offset <= offset && offset < field.Offset + field.Size;

    private static bool HasWrongConstant(SpecStructure structure, SpecField field, ReadOnlySpan<byte> bytes)
    {
        return HasConstant(field) && !bytes.Slice(field.Offset, field.Size).SequenceEqual(Constant(structure, field));
    }

    public static bool HasConstant(SpecField field) => field.Constant is not null || !field.ConstantBytes.IsEmpty;

    /// <summary>The bytes that a field with a constant has to hold.</summary>
    public static byte[] Constant(SpecStructure structure, SpecField field)
    {
        if (!field.ConstantBytes.IsEmpty)
            return [.. field.ConstantBytes];
        byte[] bytes = new byte[field.Size];
        Store(bytes, field.Constant!.Value, field.IsBigEndian ?? structure.IsBigEndian);
        return bytes;
    }

    /// <summary>Whether a field breaks a rule that reading looks at.</summary>
    private static bool BreaksRule(SpecStructure structure, SpecField field, ReadOnlySpan<byte> bytes)
    {
        foreach (SpecRule rule in field.Rules.Where(rule => rule.IsChecked))
        {
            bool isZero = !bytes.Slice(field.Offset, field.Size).ContainsAnyExcept((byte)0);
            ulong number = rule.Kind == SpecRuleKind.Zero ? 0 : Number(structure, field, bytes);
            bool isKept = rule.Kind switch
            {
                SpecRuleKind.Range => rule.Values[0] <= number && number <= rule.Values[1],
                SpecRuleKind.OneOf => rule.Values.Any(value => value == number),
                SpecRuleKind.Multiple => number / rule.Values[0] * rule.Values[0] == number,
                SpecRuleKind.Bits => (number | rule.Values[0]) == rule.Values[0],
                _ => isZero,
            };
            if (!isKept)
                return true;
        }

        return false;
    }

    private static ulong Number(SpecStructure structure, SpecField field, ReadOnlySpan<byte> bytes) =>
        Load(bytes.Slice(field.Offset, field.Size), field.IsBigEndian ?? structure.IsBigEndian);

    private static string Missing(SpecField field)
    {
        if (field.Else is { } value)
            return Canonical.Text(value);
        return field is { IsArray: false, Kind: SpecKind.Text or SpecKind.Bytes } ? Canonical.Text(ReadOnlySpan<byte>.Empty) : Canonical.Absent;
    }

    private static string Value(SpecStructure structure, SpecVariant variant, SpecField field, ReadOnlySpan<byte> bytes, WordSize word)
    {
        ReadOnlySpan<byte> place = bytes.Slice(field.Offset, field.Size);
        int count = field.IsArray ? field.Size / field.ElementSize : field.Size;
        if (field.CountField is { } name)
            count = (int)Math.Min((ulong)count, Number(structure, Find(variant, name)!, bytes));
        return field.IsArray
            ? Elements(structure, field, place[..(count * field.ElementSize)], [count, .. field.Inner], word)
            : Element(structure, field, place[..count], word);
    }

    /// <summary>The elements of an array whose first number says how many there are; behind it stand those of the arrays inside.</summary>
    private static string Elements(SpecStructure structure, SpecField field, ReadOnlySpan<byte> place, int[] counts, WordSize word)
    {
        if (counts is [] || (counts is [_] && field.Kind is SpecKind.Text or SpecKind.Bytes))
            return Element(structure, field, place, word);
        var elements = new List<string>();
        int size = counts[0] == 0 ? 0 : place.Length / counts[0];
        for (int i = 0; i < counts[0]; i++)
            elements.Add(Elements(structure, field, place.Slice(i * size, size), counts[1..], word));
        return $"[{string.Join(' ', elements)}]";
    }

    private static string Element(SpecStructure structure, SpecField field, ReadOnlySpan<byte> place, WordSize word)
    {
        switch (field.Kind)
        {
            case SpecKind.Structure:
                return $"{{{Describe(field.Structure!(), structure.Variants.Length == 1 ? WordSize.Bits64 : word, place)}}}";
            case SpecKind.Text:
                int end = place.IndexOf((byte)0);
                return Canonical.Text(end < 0 ? place : place[..end]);
            case SpecKind.Bytes:
                return Canonical.Text(place);
        }

        ulong number = Load(place, field.IsBigEndian ?? structure.IsBigEndian);
        int unused = 64 - (place.Length * 8);
        if (field.Kind == SpecKind.Signed)
            number = unchecked((ulong)((long)(number << unused) >> unused));
        return Canonical.Text(number == 0 && !field.IsArray ? field.Zero ?? 0 : number);
    }
}
