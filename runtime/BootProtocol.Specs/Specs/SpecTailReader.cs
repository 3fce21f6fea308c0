using System.Collections.Immutable;
using System.Globalization;

namespace BootProtocol.Specs;

/// <summary>Reads structures of varying size by a spec's tables, up to the first row that cannot be found.</summary>
internal ref struct SpecTailReader
{
    /// <summary>How deep choices are followed: what chooses itself again and again has no end of its own.</summary>
    private const int MaximumDepth = 64;

    private readonly SpecStructure _structure;
    private readonly WordSize _word;
    private readonly int _depth;
    private readonly Dictionary<string, ulong?> _numbers;
    private readonly ImmutableArray<SpecRecordField>.Builder _fields;
    private readonly List<SpecRecordField> _pads = [];
    private ReadOnlySpan<byte> _bytes;
    private int _at;
    private ParseError _fault;
    private ParseError _elementFault;

    private SpecTailReader(SpecStructure structure, ReadOnlySpan<byte> bytes, WordSize word, int depth)
    {
        _structure = structure;
        _bytes = bytes;
        _word = word;
        _depth = depth;
        _numbers = new Dictionary<string, ulong?>(StringComparer.Ordinal);
        _fields = ImmutableArray.CreateBuilder<SpecRecordField>();
    }

    /// <summary>Reads a structure.</summary>
    public static SpecRecord Read(SpecStructure structure, SpecVariant variant, ReadOnlySpan<byte> bytes, WordSize word, int depth)
    {
        var reader = new SpecTailReader(structure, bytes, word, depth);
        ReadOnlySpan<byte> stored = bytes[..Math.Min(bytes.Length, variant.Size)];
        SpecReader.AddFields(structure, variant, stored, word, null, reader._fields);
        ImmutableArray<SpecRecordComputed> computed = SpecReader.Compute(structure, variant, stored, word, null, reader._numbers);
        if (stored.Length < variant.Size)
        {
            reader._at = stored.Length;
            reader._fault = ViewFaults.TooShort(structure.Name, structure.BaseOffset + (long)stored.Length, variant.Size, stored.Length);
        }
        else if (reader.TryEnd(variant))
        {
            reader._at = variant.Size;
            foreach (SpecTail row in variant.Tail)
            {
                if (!reader.TryRow(row))
                    break;
            }

            if (structure.LengthField is not null && !reader._fault.IsError)
                reader._at = reader._bytes.Length;
        }

        ParseError fault = reader._fault.IsError ? reader._fault : reader._elementFault;
        return new SpecRecord(structure, variant, null, reader._at, reader._fields.ToImmutable(), computed)
        {
            Fault = fault,
            IsCut = reader._fault.IsError,
            Pads = [.. reader._pads],
        };
    }

    /// <summary>The bytes that a structure takes with those that fill it up to its alignment, as far as they are there.</summary>
    public static int Length(SpecRecord record, int available) => ViewAccess.Align(record.Length, record.Variant.Step, available);

    /// <summary>Cuts the bytes where the structure says that it ends.</summary>
    private bool TryEnd(SpecVariant variant)
    {
        if (_structure.LengthField is not { } name || SpecReader.Find(variant, name) is not { } field)
            return true;
        ulong said = _numbers[name] ?? 0;
        _at = variant.Size;
        if (said < (ulong)variant.Size)
            _fault = ViewFaults.EndsEarly(_structure.Name, name, _structure.BaseOffset + (long)field.Offset, variant.Size, said);
        else if (said > (ulong)_bytes.Length)
            _fault = ViewFaults.BeyondEnd(_structure.Name, name, _structure.BaseOffset + (long)field.Offset, said, 1, _bytes.Length);
        else
            _bytes = _bytes[..(int)said];
        return !_fault.IsError;
    }

    private bool TryRow(SpecTail row)
    {
        if (row.Condition is { } condition)
        {
            if (!TryNumber(condition.Number, out ulong said))
                return false;
            if (!condition.Holds(said))
            {
                _numbers[row.Field.Name] = row.Field.Else;
                return true;
            }
        }

        _at = ViewAccess.Align(_at, row.Alignment, _bytes.Length);
        int start = _at;
        int end = _bytes.Length;
        if (row.BytesName is { } name)
        {
            if (!TryNumber(name, out ulong room) || !TryRoom(row, room, 1))
                return false;
            end = start + (int)room;
        }

        ulong count = 1;
        if (row.CountName is { } counter && !TryNumber(counter, out count))
            return false;
        SpecField field = row.Field;
        SpecValue value;
        bool isStandIn = false;
        if (row.UntilField is { Length: 0 })
        {
            if (!TryMark(row, end))
                return false;
            value = SpecReader.ReadElement(_structure, field, _bytes[start.._at], _word);
        }
        else if (field.IsLeb128)
        {
            if (!ViewAccess.TryMeasureLeb128(_bytes[start..end], _structure.Name, field.Name, Place(start), out int used, ref _fault))
                return false;
            _at += used;
            value = Number(field, _bytes[start.._at], out isStandIn);
        }
        else if (row.HasVaryingElements || row.UntilField is not null)
        {
            value = Elements(row, end, count);
        }
        else if (row.Extent == SpecExtent.One)
        {
            if (!TryRoom(row, 1, field.Size))
                return false;
            _at += field.Size;
            SpecRecordField one = SpecReader.ReadField(_structure, _structure.Variant(_word), field, _bytes[start.._at], _word);
            (value, isStandIn) = (one.Value, one.IsZeroStandIn);
            if (!field.IsArray && field.Size <= sizeof(ulong))
            {
                ulong number = SpecReader.ReadNumber(_structure, field, _bytes[start.._at]);
                _numbers[field.Name] = number == 0 && field.Zero is { } zero ? zero : number;
            }
        }
        else
        {
            if (row.Extent == SpecExtent.Counted)
            {
                if (count > sizeof(ulong) && field.IsOneNumber)
                    _fault = ViewFaults.TooWide(_structure.Name, field.Name, Place(start), count);
                if (_fault.IsError)
                    return false;
                if (!TryRoom(row, count, field.ElementSize))
                    return false;
                end = start + ((int)count * field.ElementSize);
            }
            else if ((end - start) % field.ElementSize != 0)
            {
                _fault = ViewFaults.NotWhole(_structure.Name, field.Name, Place(start), field.ElementSize, end - start);
                return false;
            }

            ulong chosen = 0;
            if (row.TagName is { } tag && !(TryNumber(tag, out chosen) && (!row.IsSized || TryMeasure(field, chosen, ref end))))
                return false;
            _at = end;
            ReadOnlySpan<byte> stored = _bytes[start..end];
            if (field.IsOneNumber)
            {
                value = Number(field, stored, out isStandIn);
            }
            else if (row.TagName is not null)
            {
                value = Chosen(field, stored, chosen);
            }
            else
            {
                value = field.IsArray
                    ? SpecReader.ReadArray(_structure, field, stored, _word)
                    : SpecReader.ReadElement(_structure, field, stored, _word);
            }
        }

        if (row.BytesName is not null && !_fault.IsError)
            _at = end;
        var found = new SpecRecordField(field, value, isStandIn) { Offset = start, Size = _at - start };
        if (field.Kind != SpecKind.Pad)
            _fields.Add(found);
        else if (!field.Rules.IsEmpty)
            _pads.Add(found);
        return !_fault.IsError;
    }

    /// <summary>Reads a number whose size varies, and notes it for the rows behind it.</summary>
    private readonly SpecNumber Number(SpecField field, ReadOnlySpan<byte> stored, out bool isStandIn)
    {
        ulong number = SpecReader.ReadNumber(_structure, field, stored);
        isStandIn = number == 0 && field.Zero is not null;
        _numbers[field.Name] = isStandIn ? field.Zero : number;
        return SpecNumber.Unsigned(_numbers[field.Name]!.Value);
    }

    /// <summary>Reads what a number chooses. Where it cannot be found whole, the rows behind it can.</summary>
    private SpecValue Chosen(SpecField field, ReadOnlySpan<byte> stored, ulong tag)
    {
        int start = _at - stored.Length;
        switch (field.Choice!().Find(tag))
        {
            case { Kind: SpecKind.Text }:
                return SpecReader.ReadText(stored);
            case { Structure: { } chosen } when _depth < MaximumDepth:
                SpecStructure structure = chosen();
                SpecRecord record = SpecReader.Read(structure, stored, _word, null, _depth + 1);
                SpecVariant variant = structure.Variant(_word);
                if (record.Fault.IsError)
                    Note(record.Fault.MovedBy(Place(start)));
                else if (stored.Length < variant.FloorLength)
                    Note(ViewFaults.TooShort(structure.Name, Place(_at), variant.FloorLength, stored.Length));
                return record;
            case { Structure: not null }:
                Note(ViewFaults.TooDeep(_structure.Name, field.Name, Place(start), MaximumDepth));
                break;
        }

        return new SpecBytes([.. stored]);
    }

    /// <summary>Finds the end of what is as large as what a number chooses.</summary>
    private bool TryMeasure(SpecField field, ulong tag, ref int end)
    {
        SpecChoice choice = field.Choice!();
        switch (choice.Find(tag))
        {
            case null:
                _fault = ViewFaults.NotChosen(choice.Name, tag).MovedBy(Place(_at));
                break;
            case { Kind: SpecKind.Pad }:
                end = _at;
                break;
            case { Structure: { } chosen }:
                SpecStructure structure = chosen();
                SpecVariant variant = structure.Variant(_word);
                ReadOnlySpan<byte> rest = _bytes[_at..end];
                if (variant.Tail.IsEmpty)
                {
                    if (rest.Length < variant.Size)
                        _fault = ViewFaults.TooShort(structure.Name, Place(_at) + rest.Length, variant.Size, rest.Length);
                    end = Math.Min(end, _at + variant.Size);
                    break;
                }

                SpecRecord record = SpecReader.Read(structure, rest, _word, null, _depth + 1);
                if (record.IsCut)
                    _fault = record.Fault.MovedBy(Place(_at));
                end = _at + Length(record, rest.Length);
                break;
        }

        return !_fault.IsError;
    }

    /// <summary>Finds the last byte of text or bytes.</summary>
    private bool TryMark(SpecTail row, int end)
    {
        int mark = _bytes[_at..end].IndexOf((byte)row.UntilValue);
        if (mark < 0)
            _fault = ViewFaults.NoMark(_structure.Name, row.Field.Name, Place(_at), (byte)row.UntilValue, end - _at);
        else
            _at += mark + 1;
        return mark >= 0;
    }

    private void Note(ParseError fault) => _elementFault = _elementFault.IsError ? _elementFault : fault;

    /// <summary>Reads elements whose sizes, or number, only they themselves have.</summary>
    private SpecValue Elements(SpecTail row, int end, ulong count)
    {
        SpecStructure element = row.Field.Structure!();
        SpecVariant variant = element.Variant(_word);
        int start = _at;
        ulong most = row.Extent == SpecExtent.Open ? ulong.MaxValue : count;
        bool isFilled = row is { Extent: SpecExtent.Open, UntilField: null };
        bool isEnded = isFilled;
        var elements = ImmutableArray.CreateBuilder<SpecValue>();
        while (_at < end && (ulong)elements.Count < most && !_fault.IsError)
        {
            ReadOnlySpan<byte> rest = _bytes[_at..end];
            if (!row.HasVaryingElements && rest.Length < variant.Size)
                break;
            SpecRecord record = SpecReader.Read(element, rest, _word, null, _depth + 1).StartingAt(_at - start);
            elements.Add(record);
            if (record.Fault.IsError)
                Note(record.Fault.MovedBy(Place(_at)));
            if (record.IsCut)
            {
                // What only fills the row ends with it, and the rows behind it are there; else nothing behind it can be found.
                if (isFilled)
                    _at = end;
                else
                    (_fault, _at) = (record.Fault.MovedBy(Place(_at)), _at + record.Length);
                return Elements(row, elements);
            }

            int length = row.HasVaryingElements ? Length(record, rest.Length) : variant.Size;
            _at += length == 0 ? rest.Length : length;
            if (row.UntilField is { } name && Number(record, name) == row.UntilValue)
            {
                isEnded = true;
                break;
            }
        }

        isEnded |= row.UntilField is null && (ulong)elements.Count == most;
        if (!isEnded && !_fault.IsError)
        {
            _fault = row.UntilField is { } mark
                ? ViewFaults.NoLast(
                    _structure.Name, row.Field.Name, Place(_at), string.Create(CultureInfo.InvariantCulture, $"{mark} = {row.UntilValue}"))
                : ViewFaults.TooFew(_structure.Name, row.Field.Name, Place(_at), count, (ulong)elements.Count);
        }

        return Elements(row, elements);
    }

    private static SpecValue Elements(SpecTail row, ImmutableArray<SpecValue>.Builder elements) =>
        row.Field.IsArray || elements.Count == 0 ? new SpecArray(elements.ToImmutable()) : elements[0];

    /// <summary>A field of a structure inside.</summary>
    private readonly ulong? Inside(string[] path)
    {
        SpecRecordField? outer = Named(path[0]);
        foreach (string name in path[1..^1])
            outer = (outer?.Value as SpecRecord)?.Find(name);
        return outer?.Value switch
        {
            SpecRecord record => Number(record, path[^1]),
            SpecFlagSet flags when flags.Flags.Find(path[^1]) is { } bits => (flags.Value & bits.Value) >> bits.LowBit,
            _ => null,
        };
    }

    private readonly SpecRecordField? Named(string name)
    {
        foreach (SpecRecordField field in _fields)
        {
            if (field.Field.Name == name)
                return field;
        }

        return null;
    }

    private static ulong? Number(SpecRecord record, string name)
    {
        if (SpecReader.Find(record.Variant, name) is not { } field || record.Find(name) is not { } found)
            return null;
        return found.Value switch
        {
            SpecNumber number => number.Bits,
            SpecEnumValue value => value.Value,
            SpecFlagSet flags => flags.Value,
            _ => field.Constant,
        };
    }

    private bool TryNumber(string name, out ulong number)
    {
        if (char.IsAsciiDigit(name[0]))
        {
            number = ulong.Parse(name, CultureInfo.InvariantCulture);
            return true;
        }

        if (name.Contains('.', StringComparison.Ordinal))
        {
            number = Inside(name.Split('.')) ?? 0;
            return true;
        }

        // A number that is absent counts as 0; one that the fields do not give is a fault.
        bool isKnown = _numbers.TryGetValue(name, out ulong? found);
        number = found ?? 0;
        foreach (SpecComputed computed in _structure.Computed)
        {
            if (computed.Name == name && isKnown && found is null)
                _fault = ViewFaults.NoNumber(_structure.Name, name, null, computed.Formula.Text);
        }

        return !_fault.IsError;
    }

    private bool TryRoom(SpecTail row, ulong count, int size)
    {
        if (count > (ulong)((_bytes.Length - _at) / Math.Max(size, 1)))
            _fault = ViewFaults.BeyondEnd(_structure.Name, row.Field.Name, Place(_at), count, size, _bytes.Length - _at);
        return !_fault.IsError;
    }

    private readonly long Place(int at) => _structure.BaseOffset + (long)at;
}
