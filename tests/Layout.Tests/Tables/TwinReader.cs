using System.Collections.Immutable;
using System.Text.RegularExpressions;
using BootProtocol.Layout.Tests.Headers;

namespace BootProtocol.Layout.Tests.Tables;

/// <summary>
/// Reads a twin table. Its lines, besides comments:
/// <code>
/// include &lt;HEADER&gt;
/// define NAME VALUE
/// struct NAME [bits 32|64] [since|before SOFTWARE VERSION] = C TYPE
/// field STRUCT.FIELD [bits 32|64] [since|before SOFTWARE VERSION] = C MEMBER
/// enumerator ENUM.NAME [bits 32|64] [since|before SOFTWARE VERSION] = C EXPRESSION
/// note NOTES.NAME [bits 32|64] [since|before SOFTWARE VERSION] = C EXPRESSION
/// none struct|flags|enum|const|notes|field|enumerator|note NAME [bits 32|64] : REASON
/// family ENUM = PATTERN OF C NAMES
/// none family ENUM : REASON
/// apart PATTERN OF C NAMES : REASON
/// </code>
/// What has lines, but none for the headers at hand, has no twin there. Every C name of a family must be the twin of
/// something, unless it stands apart.
/// </summary>
internal static partial class TwinReader
{
    private const string Expected =
        "expected 'include <HEADER>', 'define NAME VALUE', "
        + "'struct|field|enumerator|note NAME [bits 32|64] [since|before linux|xen|glibc VERSION] = C TEXT', 'family NAME = PATTERN', "
        + "'none struct|flags|enum|const|notes|field|enumerator|note|family NAME [bits 32|64] : REASON' or 'apart PATTERN : REASON'";

    public static TwinTable Read(string file, string text)
    {
        List<string> preamble = [];
        List<TwinLine> lines = [];
        List<Regex> apart = [];
        List<string> problems = [];
        int number = 0;
        foreach (string written in text.Split('\n'))
        {
            number++;
            string line = written.Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (Preamble().IsMatch(line))
                preamble.Add("#" + line);
            else if (Apart().Match(line) is { Success: true } names)
                apart.Add(new Regex($"^(?:{names.Groups["pattern"].Value})$"));
            else if (Parse(line, file, number) is { } read)
                lines.Add(read);
            else
                problems.Add($"{file}({number}): '{line}' is no line of a twin table; {Expected}");
        }

        return new TwinTable(file, [.. preamble], [.. lines], [.. apart], [.. problems]);
    }

    private static TwinLine? Parse(string line, string file, int number)
    {
        Match match = Line().Match(line);
        if (!match.Success)
            return null;
        bool isNone = match.Groups["none"].Success;
        TwinKind kind = Kind(match.Groups["kind"].Value);
        string name = match.Groups["name"].Value;
        string text = match.Groups["text"].Value.Trim();
        bool isBlock = kind is TwinKind.Structure or TwinKind.Flags or TwinKind.Enumeration or TwinKind.Constants or TwinKind.Notes or TwinKind.Family;
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        bool isTwinKind = kind is TwinKind.Structure or TwinKind.Field or TwinKind.Enumerator or TwinKind.Note or TwinKind.Family;
        if (isBlock != dot < 0 || isNone != (match.Groups["mark"].Value == ":") || (!isNone && !isTwinKind))
            return null;
        int bits = match.Groups["bits"].Success ? match.Groups["bits"].Value == "32" ? 32 : 64 : 0;
        HeaderRange? range = !match.Groups["when"].Success ? null : new HeaderRange(
            match.Groups["software"].Value, Version.Parse(match.Groups["version"].Value), match.Groups["when"].Value == "since");
        return isNone && range is not null
            ? null
            : new TwinLine(kind, isBlock ? name : name[..dot], isBlock ? "" : name[(dot + 1)..], bits, range, isNone, text, file, number);
    }

    private static TwinKind Kind(string word) => word switch
    {
        "struct" => TwinKind.Structure,
        "flags" => TwinKind.Flags,
        "enum" => TwinKind.Enumeration,
        "const" => TwinKind.Constants,
        "notes" => TwinKind.Notes,
        "field" => TwinKind.Field,
        "enumerator" => TwinKind.Enumerator,
        "family" => TwinKind.Family,
        _ => TwinKind.Note,
    };

    [GeneratedRegex(@"^(include\s+[<""].+[>""]|define\s+\w+(\s.*)?)$")]
    private static partial Regex Preamble();

    [GeneratedRegex(@"^apart\s+(?<pattern>\S+)\s+:\s+\S.*$")]
    private static partial Regex Apart();

    [GeneratedRegex(
        @"^(?<none>none\s+)?(?<kind>struct|flags|enum|const|notes|field|enumerator|note|family)\s+(?<name>\w+(\.\w+)?)"
        + @"(\s+bits\s+(?<bits>32|64))?(\s+(?<when>since|before)\s+(?<software>linux|xen|glibc)\s+(?<version>\d+\.\d+))?\s*(?<mark>[=:])\s*(?<text>\S.*)$")]
    private static partial Regex Line();
}
