using System.Globalization;
using System.Text.RegularExpressions;

namespace BootProtocol.Runtime.Tests.Elf;

/// <summary>Takes the output of <c>readelf -W</c> apart.</summary>
internal static partial class ReadElf
{
    /// <summary>A value of <c>readelf -h</c>.</summary>
    public static string Header(string output, string label) =>
        output.Split('\n').Single(line => line.TrimStart().StartsWith(label + ':', StringComparison.Ordinal)).Split(':', 2)[1].Trim();

    /// <summary>Segments of <c>readelf -l</c>: type, offset, vaddr, paddr, filesz, memsz, flags, align.</summary>
    public static string[] Segments(string output) =>
    [
        .. SegmentLine().Matches(output).Select(match =>
            $"{match.Groups[1].Value} {Hex(match, 2)} {Hex(match, 3)} {Hex(match, 4)} {Hex(match, 5)} {Hex(match, 6)} "
            + $"{match.Groups[7].Value.Replace(" ", "", StringComparison.Ordinal)} {Hex(match, 8)}"),
    ];

    /// <summary>Sections of <c>readelf -S</c>: index, name, type, address, offset, size, entry size, link, info, alignment.</summary>
    public static string[] Sections(string output) =>
    [
        .. SectionLine().Matches(output).Select(match =>
            $"{match.Groups[1].Value} {match.Groups[2].Value.Trim()} {match.Groups[3].Value} {Hex(match, 4)} {Hex(match, 5)} "
            + $"{Hex(match, 6)} {Hex(match, 7)} {match.Groups[9].Value} {match.Groups[10].Value} {match.Groups[11].Value}"),
    ];

    /// <summary>Symbols of <c>readelf -s</c>: index, value, size, kind, binding, section, name.</summary>
    public static string[] Symbols(string output) =>
    [
        .. SymbolLine().Matches(output).Select(match =>
            $"{match.Groups[1].Value} {Hex(match, 2)} {match.Groups[3].Value} {match.Groups[4].Value} {match.Groups[5].Value} "
            + $"{match.Groups[6].Value} {match.Groups[7].Value}".TrimEnd()),
    ];

    /// <summary>Notes of <c>readelf -n</c>: owner, size of the descriptor, and descriptor where it is shown as bytes.</summary>
    public static string[] Notes(string output) =>
    [
        .. NoteLine().Matches(output).Select(match =>
            $"{match.Groups[1].Value} {Hex(match, 2)} {match.Groups[3].Value.Replace(" ", "", StringComparison.Ordinal)}".TrimEnd()),
    ];

    private static string Hex(Match match, int group) =>
        Convert.ToUInt64(match.Groups[group].Value, 16).ToString("x", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^  ([A-Z_]+) +(0x\w+) (0x\w+) (0x\w+) (0x\w+) (0x\w+) ([R ][W ][E ]) (0x\w+) *$", RegexOptions.Multiline)]
    private static partial Regex SegmentLine();

    [GeneratedRegex(
        @"^  \[ *(\d+)\] (.{17,}?) +([A-Z_0-9]+) +([0-9a-f]{8,16}) ([0-9a-f]{6,8}) ([0-9a-f]{6,8}) ([0-9a-f]{2,}) "
        + @"([A-Zxol ]{3,4}) +(\d+) +(\d+) +(\d+) *$",
        RegexOptions.Multiline)]
    private static partial Regex SectionLine();

    [GeneratedRegex(@"^ +(\d+): ([0-9a-f]{8,16}) +(\d+) (\w+) +(\w+) +\w+ +(\w+) ?(\S*) *$", RegexOptions.Multiline)]
    private static partial Regex SymbolLine();

    [GeneratedRegex(@"^  (\S+) +0x([0-9a-f]{8})\t.*?(?:(?:description data|Build ID): ([0-9a-f ]+?) *)?$", RegexOptions.Multiline)]
    private static partial Regex NoteLine();
}
