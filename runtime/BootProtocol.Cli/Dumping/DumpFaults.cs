using System.Globalization;
using BootProtocol.Cli.Inspection;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Dumping;

/// <summary>Finds what is wrong with a structure that was read: bytes that are missing, constants that are others.</summary>
internal static class DumpFaults
{
    /// <summary>Lists what is wrong.</summary>
    /// <param name="dumped">The structure.</param>
    /// <param name="available">How many bytes the file has from the structure's start on, as far as that matters.</param>
    /// <param name="faults">Where it is listed.</param>
    public static void Find(DumpedStructure dumped, int available, FaultList faults)
    {
        SpecRecord record = dumped.Record;
        if (record.Fault.IsError)
            faults.Add(record.Fault.MovedBy(dumped.Offset - record.Structure.BaseOffset));
        if (!record.Variant.Tail.IsEmpty)
        {
            Constants(record, dumped.Offset, dumped.Bytes, faults);
            return;
        }

        int needed = record.Length < available ? record.Variant.FloorLength : End(record);
        if (record.Length < needed)
        {
            faults.Add(new ParseError(
                BootErrorCode.Truncated,
                record.Structure.Name,
                "",
                dumped.Offset,
                Count(needed),
                record.Length < available ? $"one that says it has {Count(record.Length)}" : Count(record.Length)));
        }

        Constants(record, dumped.Offset, dumped.Bytes, faults);
    }

    /// <summary>Where the last field of the record's version ends.</summary>
    private static int End(SpecRecord record) => record.Variant.Fields
        .Where(field => field.Gate is not { } gate || record.Version is not { } version || gate.Holds(version))
        .Max(static field => field.Offset + field.Size);

    private static void Constants(SpecRecord record, long offset, ReadOnlySpan<byte> bytes, FaultList faults)
    {
        foreach (SpecRecordField row in record.Fields)
        {
            SpecField field = row.Field;
            long place = offset + row.Offset;
            ReadOnlySpan<byte> stored = bytes.Slice(row.Offset, row.Size);
            if (row.Value is SpecRecord nested)
            {
                Constants(nested, place, stored, faults);
            }
            else if (row.Value is SpecArray { Elements: [SpecRecord, ..] array })
            {
                foreach (SpecValue element in array)
                {
                    var item = (SpecRecord)element;
                    Constants(item, place + item.Start, stored[item.Start..], faults);
                }
            }
            else if (field.IsDigits && !FieldText.IsNumber(stored))
            {
                faults.Add(ViewFaults.NoDigits(record.Structure.Name, field.Name, place, stored));
            }
            else if (field.Constant is { } constant && Number(stored, field.IsBigEndian ?? record.Structure.IsBigEndian) is var number && number != constant)
            {
                faults.Add(new ParseError(BootErrorCode.WrongMagic, record.Structure.Name, field.Name, place, $"0x{constant:x}", $"0x{number:x}"));
            }
        }
    }

    /// <summary>The number in at most 8 bytes; texts have their first character where numbers have their first byte.</summary>
    private static ulong Number(ReadOnlySpan<byte> bytes, bool isBigEndian)
    {
        ulong number = 0;
        for (int i = 0; i < bytes.Length; i++)
            number = (number << 8) | bytes[isBigEndian ? i : bytes.Length - 1 - i];
        return number;
    }

    private static string Count(int bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes");
}
