using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace BootProtocol.Specs;

/// <summary>
/// Reads stored structures by a spec's tables: which fields are there, and what they hold. It serves those who show or compare structures
/// of every kind; a program that needs certain fields reads the generated view.
/// </summary>
/// <remarks>
/// Nothing is checked: bytes of any content and any length give the fields that fit in them. Call <c>TryParse</c> of the generated view
/// to learn whether the bytes are such a structure at all.
/// </remarks>
/// <example><code>
/// SpecStructure table = SetupHeader.Layout.Info;
/// SpecRecord header = SpecReader.Read(table, bytes.AsSpan(table.BaseOffset));
/// foreach (SpecRecordField field in header.Fields)
///     Console.WriteLine(field);
/// </code></example>
public static class SpecReader
{
    /// <summary>Reads a structure.</summary>
    /// <param name="structure">The structure's table.</param>
    /// <param name="bytes">The structure's bytes; bytes behind it do not matter, and missing ones leave fields out.</param>
    /// <param name="word">The variant; structures that are the same for both do not look at it.</param>
    /// <param name="version">The version to read as, in place of the stored one: for structures older than their version field.</param>
    public static SpecRecord Read(
        SpecStructure structure, ReadOnlySpan<byte> bytes, WordSize word = WordSize.Bits64, uint? version = null)
    {
        ArgumentNullException.ThrowIfNull(structure);
        return Read(structure, bytes, word, version, 0);
    }

    /// <summary>Reads a structure that stands in as many structures of varying size as <paramref name="depth"/> says.</summary>
    internal static SpecRecord Read(SpecStructure structure, ReadOnlySpan<byte> bytes, WordSize word, uint? version, int depth)
    {
        SpecVariant variant = structure.Variant(word);
        if (!variant.Tail.IsEmpty)
            return SpecTailReader.Read(structure, variant, bytes, word, depth);
        ReadOnlySpan<byte> stored = bytes[..StoredLength(structure, variant, bytes)];
        uint? known = structure.Versions is null ? null : version ?? StoredVersion(structure, variant, stored);

        ImmutableArray<SpecRecordField>.Builder fields = ImmutableArray.CreateBuilder<SpecRecordField>();
        AddFields(structure, variant, stored, word, known, fields);
        ImmutableArray<SpecRecordComputed> computed = structure.Computed.IsEmpty
            ? []
            : Compute(structure, variant, stored, word, known, new Dictionary<string, ulong?>(StringComparer.Ordinal));
        return new SpecRecord(structure, variant, known, stored.Length, fields.ToImmutable(), computed);
    }

    /// <summary>Reads the fields of the fixed part that are there.</summary>
    internal static void AddFields(
        SpecStructure structure,
        SpecVariant variant,
        ReadOnlySpan<byte> stored,
        WordSize word,
        uint? version,
        ImmutableArray<SpecRecordField>.Builder fields)
    {
        foreach (SpecField field in variant.Fields)
        {
            bool isThere = field.Kind != SpecKind.Pad
                && field.Offset + field.Size <= stored.Length
                && Holds(field.Gate, version)
                && IsMeant(structure, field, stored, word, version);
            if (isThere)
                fields.Add(ReadField(structure, variant, field, stored, word));
        }
    }

    /// <summary>Computes the numbers of a structure.</summary>
    /// <param name="structure">The structure.</param>
    /// <param name="variant">Its layout.</param>
    /// <param name="stored">Its bytes.</param>
    /// <param name="word">The variant, for structures inside of it.</param>
    /// <param name="version">Its version.</param>
    /// <param name="numbers">Where the numbers go, and those of the fields that are there.</param>
    internal static ImmutableArray<SpecRecordComputed> Compute(
        SpecStructure structure, SpecVariant variant, ReadOnlySpan<byte> stored, WordSize word, uint? version, Dictionary<string, ulong?> numbers)
    {
        var absent = new HashSet<string>(StringComparer.Ordinal);
        foreach (SpecField field in variant.Fields)
        {
            bool isThere = field.Offset + field.Size <= stored.Length
                && Holds(field.Gate, version)
                && IsMeant(structure, field, stored, word, version);
            ulong? number = isThere && !field.IsArray && (field.IsDigits || field.Size <= sizeof(ulong))
                ? ReadNumber(structure, field, stored.Slice(field.Offset, field.Size))
                : null;
            numbers[field.Name] = number == 0 && field.Zero is { } zero ? zero : isThere ? number : field.Else;
            if (numbers[field.Name] is null)
                absent.Add(field.Name);
        }

        ImmutableArray<SpecRecordComputed>.Builder computed = ImmutableArray.CreateBuilder<SpecRecordComputed>();
        foreach (SpecComputed row in structure.Computed)
        {
            if (!Holds(row.Gate, version) || row.Formula.Steps.Any(step => absent.Contains(step.Split('.')[0])))
            {
                absent.Add(row.Name);
                continue;
            }

            numbers[row.Name] = row.Formula.TryCompute(name => Part(variant, name, numbers), out ulong number) ? number : null;
            computed.Add(new SpecRecordComputed(row, numbers[row.Name]));
        }

        return computed.ToImmutable();
    }

    /// <summary>A number by its name, or bits of one: <c>flags.KIND</c>.</summary>
    private static ulong? Part(SpecVariant variant, string name, Dictionary<string, ulong?> numbers)
    {
        if (numbers.TryGetValue(name, out ulong? number) || name.IndexOf('.', StringComparison.Ordinal) is not (> 0 and var point))
            return number;
        return numbers.GetValueOrDefault(name[..point]) is { } flags
            && Find(variant, name[..point])?.Enumeration?.Invoke().Find(name[(point + 1)..]) is { } bits
            ? (flags & bits.Value) >> bits.LowBit
            : null;
    }

    private static bool Holds(SpecGate? gate, uint? version) => version is not { } at || gate is null || gate.Holds(at);

    /// <summary>Whether a field of the fixed part is the member of its union that is meant, where the spec says so.</summary>
    private static bool IsMeant(SpecStructure structure, SpecField field, ReadOnlySpan<byte> stored, WordSize word, uint? version)
    {
        if (field.Condition is not { } condition)
            return true;
        string[] names = condition.Number.Split('.');
        int start = 0;
        for (int i = 0; Find(structure.Variant(word), names[i]) is { } part; i++)
        {
            if (part.Kind == SpecKind.Structure && i + 1 < names.Length)
            {
                start += part.Offset;
                structure = part.Structure!.Invoke();
                continue;
            }

            int offset = start + part.Offset;
            bool isThere = offset + part.Size <= stored.Length && (i > 0 || Holds(part.Gate, version));
            ulong number = isThere ? ReadNumber(structure, part, stored.Slice(offset, part.Size)) : part.Else ?? 0;
            if (i + 1 < names.Length && part.Enumeration?.Invoke().Find(names[i + 1]) is { } bits)
                number = (number & bits.Value) >> bits.LowBit;
            return condition.Holds(number);
        }

        return condition.Holds(0);
    }

    /// <summary>How many of the bytes belong to the structure, by its size and by what it says about its own end.</summary>
    private static int StoredLength(SpecStructure structure, SpecVariant variant, ReadOnlySpan<byte> bytes)
    {
        int length = Math.Min(bytes.Length, variant.Size);
        if (structure.EndByte is { } end && end < length)
            length = Math.Min(length, end + 1 + bytes[end]);
        if (structure.LengthField is { } name && Find(variant, name) is { } field && field.Offset + field.Size <= length)
            length = (int)Math.Min((ulong)length, ReadNumber(structure, field, bytes.Slice(field.Offset, field.Size)));
        return length;
    }

    private static uint StoredVersion(SpecStructure structure, SpecVariant variant, ReadOnlySpan<byte> stored)
    {
        SpecVersions versions = structure.Versions!;
        return Find(variant, versions.Field) is { } field && field.Offset + field.Size <= stored.Length
            ? (uint)ReadNumber(structure, field, stored.Slice(field.Offset, field.Size))
            : versions.Lowest;
    }

    internal static SpecRecordField ReadField(
        SpecStructure structure, SpecVariant variant, SpecField field, ReadOnlySpan<byte> stored, WordSize word)
    {
        ReadOnlySpan<byte> bytes = stored.Slice(field.Offset, field.Size);
        int elementSize = field.IsArray ? field.ElementSize : 1;
        int count = elementSize > 0 ? field.Size / elementSize : 0;
        if (field.CountField is { } name && Find(variant, name) is { } counter && counter.Offset + counter.Size <= stored.Length)
            count = (int)Math.Min((ulong)count, ReadNumber(structure, counter, stored.Slice(counter.Offset, counter.Size)));
        if (!field.IsArray)
        {
            if (field.CountField is not null)
                bytes = bytes[..count];
            bool isStandIn = field.Zero is not null && (field.IsDigits || bytes.Length <= sizeof(ulong)) && ReadNumber(structure, field, bytes) == 0;
            SpecValue value = isStandIn
                ? FromNumber(field.Kind, field.Enumeration, field.Zero!.Value, field.ElementSize)
                : ReadElement(structure, field, bytes, word);
            return new SpecRecordField(field, value, isStandIn);
        }

        return new SpecRecordField(field, ReadArray(structure, field, bytes[..(count * field.ElementSize)], word), false);
    }

    /// <summary>Reads elements of one size.</summary>
    internal static SpecArray ReadArray(SpecStructure structure, SpecField field, ReadOnlySpan<byte> bytes, WordSize word)
    {
        int count = bytes.Length / field.ElementSize;
        ImmutableArray<SpecValue>.Builder elements = ImmutableArray.CreateBuilder<SpecValue>(count);
        for (int i = 0; i < count; i++)
            elements.Add(ReadElement(structure, field, bytes.Slice(i * field.ElementSize, field.ElementSize), word, i * field.ElementSize));
        return new SpecArray(elements.MoveToImmutable());
    }

    /// <summary>Reads one element.</summary>
    internal static SpecValue ReadElement(SpecStructure structure, SpecField field, ReadOnlySpan<byte> bytes, WordSize word, int start = 0) =>
        ReadElement(structure, field, bytes, word, start, field.Inner.AsSpan());

    /// <summary>Reads one element, which is an array of such as the first of some numbers says.</summary>
    private static SpecValue ReadElement(
        SpecStructure structure, SpecField field, ReadOnlySpan<byte> bytes, WordSize word, int start, ReadOnlySpan<int> inner)
    {
        if (inner.Length > (field.Kind is SpecKind.Text or SpecKind.Bytes ? 1 : 0))
        {
            int size = bytes.Length / inner[0];
            ImmutableArray<SpecValue>.Builder elements = ImmutableArray.CreateBuilder<SpecValue>(inner[0]);
            for (int i = 0; i < inner[0]; i++)
                elements.Add(ReadElement(structure, field, bytes.Slice(i * size, size), word, start + (i * size), inner[1..]));
            return new SpecArray(elements.MoveToImmutable());
        }

        switch (field.Kind)
        {
            case SpecKind.Structure when field.Structure is { } nested:
                return Read(nested(), bytes, word).StartingAt(start);
            case SpecKind.Text:
                return ReadText(bytes);
            case SpecKind.Bytes or SpecKind.Pad or SpecKind.Structure:
                return new SpecBytes([.. bytes]);
            case var _ when field.IsDigits || field.IsLeb128:
                return SpecNumber.Unsigned(ReadNumber(structure, field, bytes));
            default:
                return FromNumber(field.Kind, field.Enumeration, bytes, field.IsBigEndian ?? structure.IsBigEndian);
        }
    }

    /// <summary>Reads text up to its NUL or its end.</summary>
    internal static SpecText ReadText(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return new SpecText(Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]));
    }

    /// <summary>Reads a stored number of 1, 2, 4 or 8 bytes as what it stands for.</summary>
    internal static SpecValue FromNumber(SpecKind kind, Func<SpecEnumeration>? enumeration, ReadOnlySpan<byte> bytes, bool isBigEndian = false) =>
        FromNumber(kind, enumeration, ReadNumber(bytes, isBigEndian), bytes.Length);

    private static SpecValue FromNumber(SpecKind kind, Func<SpecEnumeration>? enumeration, ulong number, int size) => kind switch
    {
        SpecKind.Signed => SpecNumber.Signed(SignExtend(number, size)),
        SpecKind.Version => new SpecVersionValue(ProtocolVersion.FromRaw((ushort)number)),
        SpecKind.Address or SpecKind.PhysicalAddress or SpecKind.VirtualAddress or SpecKind.MachineAddress
            or SpecKind.PhysicalFrame or SpecKind.MachineFrame => new SpecAddress(kind, number),
        SpecKind.Flags when enumeration is not null => new SpecFlagSet(enumeration(), number),
        SpecKind.Enumeration when enumeration is not null => new SpecEnumValue(enumeration(), number),
        _ => SpecNumber.Unsigned(number),
    };

    private static long SignExtend(ulong number, int size)
    {
        int unused = 64 - (size * 8);
        return unchecked((long)(number << unused)) >> unused;
    }

    /// <summary>Reads a stored number of a field.</summary>
    internal static ulong ReadNumber(SpecStructure structure, SpecField field, ReadOnlySpan<byte> bytes) =>
        field.IsDigits ? FieldText.Number(bytes)
            : field.IsLeb128 ? FieldNumbers.ReadLeb128(bytes)
            : ReadNumber(bytes, field.IsBigEndian ?? structure.IsBigEndian);

    internal static ulong ReadNumber(ReadOnlySpan<byte> bytes, bool isBigEndian) => bytes.Length switch
    {
        1 => bytes[0],
        2 => isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        4 => isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        8 => isBigEndian ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        <= 8 => FieldNumbers.Read(bytes, isBigEndian),
        _ => 0,
    };

    internal static SpecField? Find(SpecVariant variant, string name)
    {
        foreach (SpecField field in variant.Fields)
        {
            if (field.Name == name)
                return field;
        }

        return null;
    }
}
