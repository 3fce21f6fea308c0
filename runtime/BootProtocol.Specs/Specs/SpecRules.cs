using System.Collections.Immutable;
using System.Globalization;

namespace BootProtocol.Specs;

/// <summary>
/// Finds what in stored structures breaks the rules of their specs: constants, digits, values that are not allowed, checksums, ends that
/// are missing. Structures inside of a structure are looked at, too, elements and what is chosen included.
/// </summary>
/// <example><code>
/// byte[] bytes = new byte[SetupHeader.Layout.Size];
/// foreach (ParseError broken in SpecRules.Validate(SetupHeader.Layout.Info, bytes))
///     Console.WriteLine(broken);
/// </code></example>
public static class SpecRules
{
    /// <summary>Lists everything that breaks a rule.</summary>
    /// <param name="structure">The structure's table.</param>
    /// <param name="bytes">The structure, from its first byte; what goes beyond it is left out.</param>
    /// <param name="word">The variant; structures that are the same for both do not look at it.</param>
    /// <returns>An error for each, with the place as the document of the outermost structure counts; empty if there is none.</returns>
    public static ImmutableArray<ParseError> Validate(SpecStructure structure, ReadOnlySpan<byte> bytes, WordSize word = WordSize.Bits64)
    {
        ArgumentNullException.ThrowIfNull(structure);
        return Validate(SpecReader.Read(structure, bytes, word), bytes);
    }

    /// <summary>Lists everything that breaks a rule, in a structure that has been read.</summary>
    /// <param name="record">What was read.</param>
    /// <param name="bytes">The bytes that it was read from.</param>
    /// <returns>As the other method.</returns>
    public static ImmutableArray<ParseError> Validate(SpecRecord record, ReadOnlySpan<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(record);
        ImmutableArray<ParseError>.Builder found = ImmutableArray.CreateBuilder<ParseError>();
        if (record.Fault.IsError)
            found.Add(record.Fault);
        if (record.Variant.Tail.IsEmpty)
            CheckEnd(record, bytes.Length, found);
        Walk(record, bytes, record.Structure.BaseOffset, found);
        return found.DrainToImmutable();
    }

    /// <summary>Writes the checksums of a structure, in the order of their rows; those of structures inside of it are left alone.</summary>
    /// <param name="structure">The structure's table.</param>
    /// <param name="bytes">The structure; what goes beyond it is left alone.</param>
    /// <param name="word">The variant; structures that are the same for both do not look at it.</param>
    public static void WriteChecksums(SpecStructure structure, Span<byte> bytes, WordSize word = WordSize.Bits64)
    {
        ArgumentNullException.ThrowIfNull(structure);
        SpecRecord record = SpecReader.Read(structure, bytes, word);
        foreach (SpecRecordField row in record.Fields)
        {
            if (row.Field.Checksum is not { } checksum || Compute(record, row, checksum, bytes) is not { } number)
                continue;
            Span<byte> stored = bytes.Slice(row.Offset, row.Size);
            if (row.Field.IsDigits)
                FieldText.Write(stored, number, row.Field.Name);
            else
                FieldNumbers.Write(stored, number, row.Field.IsBigEndian ?? structure.IsBigEndian, row.Field.Name);
        }
    }

    private static void CheckEnd(SpecRecord record, int available, ImmutableArray<ParseError>.Builder found)
    {
        int needed = record.Length < available ? record.Variant.FloorLength : End(record);
        if (record.Length >= needed)
            return;
        string said = record.Length < available ? $"one that says it has {Count(record.Length)}" : Count(record.Length);
        found.Add(new ParseError(BootErrorCode.Truncated, record.Structure.Name, "", record.Structure.BaseOffset, Count(needed), said));
    }

    /// <summary>Where the last field of the record's version ends; 0 if the variant has none.</summary>
    private static int End(SpecRecord record) => record.Variant.Fields
        .Where(field => field.Gate is not { } gate || record.Version is not { } version || gate.Holds(version))
        .Select(static field => field.Offset + field.Size)
        .DefaultIfEmpty(0)
        .Max();

    private static void Walk(SpecRecord record, ReadOnlySpan<byte> bytes, long place, ImmutableArray<ParseError>.Builder found)
    {
        foreach (SpecField pad in record.Variant.Fields)
        {
            if (pad is { Kind: SpecKind.Pad, Rules.IsEmpty: false } && pad.Offset + pad.Size <= record.Length)
                CheckValue(record, new SpecRecordField(pad, new SpecBytes([]), false), bytes.Slice(pad.Offset, pad.Size), place + pad.Offset, found);
        }

        foreach (SpecRecordField pad in record.Pads)
            CheckValue(record, pad, bytes.Slice(pad.Offset, pad.Size), place + pad.Offset, found);
        HashSet<SpecField> shared = Shared(record.Variant);
        foreach (SpecRecordField row in record.Fields)
        {
            ReadOnlySpan<byte> stored = bytes.Slice(row.Offset, row.Size);
            if (shared.Contains(row.Field))
            {
                CheckConstant(record, row.Field, stored, place + row.Offset, found);
                continue;
            }

            switch (row.Value)
            {
                case SpecRecord nested:
                    Walk(nested, stored, place + row.Offset, found);
                    break;
                case SpecArray array when row.Field.Kind == SpecKind.Structure:
                    foreach (SpecRecord item in array.Records)
                        Walk(item, stored[item.Start..], place + row.Offset + item.Start, found);
                    break;
                case SpecArray when row.Field is { Rules.IsEmpty: false, ValueSize: var size and > 0 }:
                    for (int at = 0; at + size <= stored.Length; at += size)
                        CheckValue(record, row, stored.Slice(at, size), place + row.Offset + at, found);
                    break;
                default:
                    CheckValue(record, row, stored, place + row.Offset, found);
                    break;
            }

            if (row.Field.Checksum is { } checksum && Compute(record, row, checksum, bytes) is { } number
                && SpecReader.ReadNumber(record.Structure, row.Field, stored) is var sum && sum != number)
            {
                found.Add(ViewFaults.WrongChecksum(record.Structure.Name, row.Field.Name, place + row.Offset, number, sum));
            }
        }
    }

    /// <summary>The fields that share bytes with others where the spec does not say which of them is meant.</summary>
    private static HashSet<SpecField> Shared(SpecVariant variant)
    {
        var shared = new HashSet<SpecField>(ReferenceEqualityComparer.Instance);
        SpecField? longest = null;
        foreach (SpecField field in variant.Fields)
        {
            if (longest is not null && field.Offset < longest.Offset + longest.Size)
            {
                shared.Add(longest);
                shared.Add(field);
            }

            if (longest is null || field.Offset + field.Size > longest.Offset + longest.Size)
                longest = field;
        }

        shared.RemoveWhere(static field => field.Condition is not null);
        return shared;
    }

    /// <summary>Whether a field holds digits and the constant where it has to; what differs is listed.</summary>
    private static bool CheckConstant(
        SpecRecord record, SpecField field, ReadOnlySpan<byte> stored, long place, ImmutableArray<ParseError>.Builder found)
    {
        string structure = record.Structure.Name;
        bool isBigEndian = field.IsBigEndian ?? record.Structure.IsBigEndian;
        if (field.IsDigits && !FieldText.IsNumber(stored))
        {
            found.Add(ViewFaults.NoDigits(structure, field.Name, place, stored));
            return false;
        }

        bool isText = field.Kind is SpecKind.Text or SpecKind.Bytes;
        Span<byte> bytes = field.Constant is { } number ? stackalloc byte[stored.Length] : [];
        if (bytes.IsEmpty && field.ConstantBytes.IsEmpty)
            return true;
        ReadOnlySpan<byte> constant = bytes.IsEmpty ? field.ConstantBytes.AsSpan() : bytes;
        if (!bytes.IsEmpty)
            Store(bytes, field.Constant!.Value, isBigEndian);
        if (stored.SequenceEqual(constant))
            return true;
        string expected = ViewFaults.Spell(constant, isText, isBigEndian);
        found.Add(ViewFaults.WrongConstant(structure, field.Name, place, expected, stored, isText, isBigEndian));
        return false;
    }

    private static void CheckValue(
        SpecRecord record, SpecRecordField row, ReadOnlySpan<byte> stored, long place, ImmutableArray<ParseError>.Builder found)
    {
        SpecField field = row.Field;
        if (!CheckConstant(record, field, stored, place, found))
            return;
        bool isText = field.Kind is SpecKind.Text or SpecKind.Bytes;
        bool isNumber = !isText && field.Kind != SpecKind.Pad;
        foreach (SpecRule rule in field.Rules)
        {
            bool isKept = isNumber ? rule.Allows(SpecReader.ReadNumber(record.Structure, field, stored)) : !stored.ContainsAnyExcept((byte)0);
            if (!isKept)
                found.Add(ViewFaults.NotAllowed(
                    record.Structure.Name, field.Name, place, rule.Expected, stored, field.IsBigEndian ?? record.Structure.IsBigEndian));
        }
    }

    /// <summary>The checksum that a structure should have; null if one of the rows that count is not there.</summary>
    private static ulong? Compute(SpecRecord record, SpecRecordField row, SpecChecksum checksum, ReadOnlySpan<byte> bytes)
    {
        (int start, int end) = (0, record.Length);
        if (checksum.First.Length > 0)
        {
            if (Bounds(record, checksum) is not { } bounds)
                return null;
            (start, end) = bounds;
        }

        byte[] covered = bytes[start..end].ToArray();
        int from = Math.Clamp(row.Offset - start, 0, covered.Length);
        int to = Math.Clamp(row.Offset + row.Size - start, 0, covered.Length);
        covered.AsSpan(from..to).Clear();
        ulong number = SpecChecksums.Compute(checksum.Function, covered, record.Structure.IsBigEndian) >> checksum.Shift;
        int bits = Math.Min(row.Field.IsDigits ? row.Size * 4 : row.Size * 8, 64);
        return bits == 0 ? null : number & (ulong.MaxValue >> (64 - bits));
    }

    /// <summary>From the first row that is there, at or behind the first that counts, to the end of the last one.</summary>
    private static (int Start, int End)? Bounds(SpecRecord record, SpecChecksum checksum)
    {
        string[] names = [.. record.Variant.Fields.Select(static field => field.Name), .. record.Variant.Tail.Select(static tail => tail.Field.Name)];
        (int first, int last) = (Array.IndexOf(names, checksum.First), Array.IndexOf(names, checksum.Last));
        (int Start, int End)? bounds = null;
        for (int i = first; i >= 0 && i <= last; i++)
        {
            if (names[i].Length > 0 && record.Find(names[i]) is { } row)
                bounds = (bounds?.Start ?? row.Offset, Math.Max(bounds?.End ?? 0, row.Offset + row.Size));
        }

        return bounds is { } found && found.Start <= found.End ? bounds : null;
    }

    /// <summary>Stores a number in any number of bytes.</summary>
    private static void Store(Span<byte> bytes, ulong number, bool isBigEndian)
    {
        for (int i = 0; i < bytes.Length; i++)
            bytes[isBigEndian ? bytes.Length - 1 - i : i] = i < sizeof(ulong) ? (byte)(number >> (8 * i)) : (byte)0;
    }

    private static string Count(int bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes");
}
