using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace BootProtocol.Generators.Emit;

/// <summary>Literals and documentation comments.</summary>
internal static class CSharpText
{
    /// <summary>A string literal.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char c in text)
        {
            switch (c)
            {
                case '"' or '\\':
                    quoted.Append('\\').Append(c);
                    break;
                case '\n':
                    quoted.Append("\\n");
                    break;
                case < ' ' or > '~':
                    quoted.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                    break;
                default:
                    quoted.Append(c);
                    break;
            }
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>A hexadecimal literal.</summary>
    public static string Hex(ulong value) => "0x" + value.ToString("x", CultureInfo.InvariantCulture);

    /// <summary>A hexadecimal literal.</summary>
    public static string Hex(int value) => Hex((ulong)value);

    /// <summary>A hexadecimal literal of type <c>ulong</c>, or <c>null</c>.</summary>
    public static string LongOrNull(ulong? value) => value is { } number ? Hex(number) + "UL" : "null";

    /// <summary>An array of bytes, one for each character, as C# writes it; as an argument for a span it takes no allocation.</summary>
    public static string ByteArray(string text) =>
        $"new byte[] {{ {string.Join(", ", text.Select(c => Hex((ulong)c)))} }}";

    public static string Bool(bool value) => value ? "true" : "false";

    /// <summary>A text as XML content.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (char c in text)
        {
            switch (c)
            {
                case '&':
                    escaped.Append("&amp;");
                    break;
                case '<':
                    escaped.Append("&lt;");
                    break;
                case '>':
                    escaped.Append("&gt;");
                    break;
                case < ' ':
                    escaped.Append(' ');
                    break;
                default:
                    escaped.Append(c);
                    break;
            }
        }

        return escaped.ToString();
    }

    /// <summary>Writes a documentation comment of spec text: a summary, line by line, and remarks.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="doc">The spec's text; may be empty.</param>
    /// <param name="fallback">What to say where the spec says nothing.</param>
    /// <param name="remarks">Remarks, XML already; may be empty.</param>
    public static void Doc(IndentedWriter writer, string doc, string fallback, string remarks = "")
    {
        Element(writer, "summary", Lines(doc.Trim().Length == 0 ? fallback : doc));
        if (remarks.Length > 0)
            Element(writer, "remarks", [remarks]);
    }

    /// <summary>Writes a summary, XML already.</summary>
    public static void Summary(IndentedWriter writer, string summary) => Element(writer, "summary", [summary]);

    /// <summary>Writes an example: lines of C#.</summary>
    public static void Example(IndentedWriter writer, string[] lines)
    {
        writer.Line("/// <example><code>");
        foreach (string line in lines)
            writer.Line($"/// {Escape(line)}");
        writer.Line("/// </code></example>");
    }

    private static List<string> Lines(string doc) => [.. doc.Trim().Split('\n').Select(line => Escape(line.Trim()))];

    private static void Element(IndentedWriter writer, string name, List<string> lines)
    {
        if (lines.Count == 1)
        {
            writer.Line($"/// <{name}>{lines[0]}</{name}>");
            return;
        }

        writer.Line($"/// <{name}>");
        foreach (string line in lines)
            writer.Line(line.Length == 0 ? "///" : $"/// {line}");
        writer.Line($"/// </{name}>");
    }
}
