using System.Collections.Immutable;
using System.Globalization;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Building;

/// <summary>Reads the values of the options that describe a domain. A bad one is an error of usage that says what is expected.</summary>
internal static class DomainValues
{
    /// <summary>Reads an amount of memory; digits alone are MiB.</summary>
    public static ulong Memory(string text) => ByteSize.TryParse(text, 1 << 20, out ulong bytes)
        ? bytes
        : throw Bad("--memory", "a size such as 256M, 3G or 0x10000000 (digits alone are MiB)", text);

    /// <summary>Reads an address or an offset: hexadecimal digits behind 0x, or an amount such as 16M.</summary>
    public static ulong Address(string option, string text) => ByteSize.TryParse(text, 0, out ulong address)
        ? address
        : throw Bad(option, "an address such as 0x1000000 or 16M", text);

    /// <summary>Reads a number.</summary>
    public static ulong Number(string option, string text) => ByteSize.TryParse(text, 1, out ulong number)
        ? number
        : throw Bad(option, "a number, such as 1000 or 0x3e8", text);

    /// <summary>Reads a memory map.</summary>
    /// <param name="values">Each a range, <c>START-END</c> or <c>START-END=TYPE</c>, or a file with one on each line.</param>
    public static MemoryMap? Map(IEnumerable<string> values)
    {
        ImmutableArray<MemoryRange>.Builder ranges = ImmutableArray.CreateBuilder<MemoryRange>();
        foreach (string value in values)
        {
            if (TryRange(value, out MemoryRange range))
                ranges.Add(range);
            else if (value.Contains('-', StringComparison.Ordinal) && value != InputFile.Standard && !File.Exists(value))
                throw Bad("--e820", "START-END, START-END=TYPE with a type of E820, or a file of such lines", value);
            else
                ReadMap(value, ranges);
        }

        return ranges.Count == 0 ? null : new MemoryMap(ranges.ToImmutable());
    }

    /// <summary>Reads a setup_data node: <c>TYPE=FILE</c>.</summary>
    public static (SetupDataType Type, string File) SetupData(string text)
    {
        string[] parts = text.Split('=', 2);
        return parts.Length == 2 && parts[1].Length > 0 && TryName(SetupDataTypeLayout.Info, parts[0], "SETUP_", out ulong type)
            ? ((SetupDataType)type, parts[1])
            : throw Bad("--setup-data", $"TYPE=FILE, with a type of {Names(SetupDataTypeLayout.Info, "SETUP_")} or its number", text);
    }

    /// <summary>The names of an enumeration as options take them.</summary>
    public static string Names(SpecEnumeration enumeration, string prefix) =>
        string.Join(", ", enumeration.Enumerators.Select(enumerator => Name(enumerator, prefix)));

    /// <summary>The prefix of the names in a memory map.</summary>
    public const string MapPrefix = "E820_TYPE_";

    private static void ReadMap(string file, ImmutableArray<MemoryRange>.Builder ranges)
    {
        string[] lines = InputFile.ReadText(file).Split('\n');
        int before = ranges.Count;
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Split('#', 2)[0].Trim();
            if (line.Length == 0)
                continue;
            if (!TryRange(line, out MemoryRange range))
            {
                throw new ToolException(
                    ExitCode.BadInput,
                    string.Create(CultureInfo.InvariantCulture, $"{file}: line {i + 1}: expected START-END or START-END=TYPE, found {line}"));
            }

            ranges.Add(range);
        }

        if (ranges.Count == before)
            throw new ToolException(ExitCode.BadInput, $"{file}: expected lines START-END or START-END=TYPE, found none");
    }

    private static bool TryRange(string text, out MemoryRange range)
    {
        range = default;
        string[] parts = text.Split('=', 2);
        string[] ends = parts[0].Split('-', 2);
        ulong type = (ulong)E820Type.Ram;
        if (ends.Length != 2
            || !ByteSize.TryParse(ends[0].Trim(), 1, out ulong start)
            || !ByteSize.TryParse(ends[1].Trim(), 1, out ulong end)
            || end <= start
            || (parts.Length == 2 && !TryName(E820TypeLayout.Info, parts[1].Trim(), MapPrefix, out type)))
        {
            return false;
        }

        range = new MemoryRange(new Paddr(start), end - start, (E820Type)type);
        return true;
    }

    private static bool TryName(SpecEnumeration enumeration, string text, string prefix, out ulong value)
    {
        foreach (SpecEnumerator enumerator in enumeration.Enumerators)
        {
            if (!string.Equals(Name(enumerator, prefix), text, StringComparison.OrdinalIgnoreCase)
                && !string.Equals(enumerator.Name, text, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            value = enumerator.Value;
            return true;
        }

        return ByteSize.TryParse(text, 1, out value) && value <= uint.MaxValue;
    }

    private static string Name(SpecEnumerator enumerator, string prefix) =>
        enumerator.Name[prefix.Length..].ToLowerInvariant().Replace('_', '-');

    private static ToolException Bad(string option, string expected, string found) =>
        new(ExitCode.Usage, $"{option}: expected {expected}, found '{found}'");
}
