using System.Text.Json;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Inspection;

/// <summary>Writes values that were read by a spec's tables as JSON: addresses are hexadecimal text, plain numbers are numbers.</summary>
internal static class SpecJson
{
    /// <summary>Writes a value, a structure as an object, or null.</summary>
    public static void Write(Utf8JsonWriter writer, string name, SpecValue? value)
    {
        writer.WritePropertyName(name);
        WriteValue(writer, value);
    }

    /// <summary>Writes a value without a name, a structure as an object, or null.</summary>
    public static void WriteValue(Utf8JsonWriter writer, SpecValue? value)
    {
        if (value is null)
            writer.WriteNullValue();
        else
            Write(writer, value);
    }

    /// <summary>Writes structures as an array of objects.</summary>
    public static void Write(Utf8JsonWriter writer, string name, IReadOnlyList<SpecRecord> records)
    {
        writer.WriteStartArray(name);
        foreach (SpecRecord record in records)
            Write(writer, record);
        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, SpecValue value)
    {
        switch (value)
        {
            case SpecRecord record:
                writer.WriteStartObject();
                foreach (SpecRecordField field in record.Fields)
                {
                    writer.WritePropertyName(field.Field.Name);
                    Write(writer, field.Value);
                }

                foreach (SpecRecordComputed computed in record.Computed)
                    Write(writer, computed.Computed.Name, computed.Value is { } number ? SpecNumber.Unsigned(number) : null);
                writer.WriteEndObject();
                break;
            case SpecArray array:
                writer.WriteStartArray();
                foreach (SpecValue element in array.Elements)
                    Write(writer, element);
                writer.WriteEndArray();
                break;
            case SpecNumber { IsSigned: true } number:
                writer.WriteNumberValue(unchecked((long)number.Bits));
                break;
            case SpecNumber number:
                writer.WriteNumberValue(number.Bits);
                break;
            case SpecFlagSet flags:
                writer.WriteStartObject();
                writer.WriteString("value", $"0x{flags.Value:x}");
                writer.WriteStartArray("names");
                foreach (string flag in flags.Names)
                    writer.WriteStringValue(flag);
                writer.WriteEndArray();
                writer.WriteEndObject();
                break;
            case SpecEnumValue enumerator:
                writer.WriteStartObject();
                writer.WriteNumber("value", enumerator.Value);
                writer.WriteString("name", enumerator.Name);
                writer.WriteEndObject();
                break;
            case SpecText text:
                writer.WriteStringValue(text.Text);
                break;
            case SpecBytes bytes:
                writer.WriteStringValue(Convert.ToHexStringLower(bytes.Bytes.AsSpan()));
                break;
            default:
                writer.WriteStringValue(value.ToString());
                break;
        }
    }
}
