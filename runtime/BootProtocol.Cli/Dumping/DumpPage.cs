using System.Globalization;
using System.Net;
using System.Text;
using BootProtocol.Cli.Inspection;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Dumping;

/// <summary>
/// Writes structures as one page that needs nothing else: bytes coloured by field. A click on a field marks its bytes, one on a byte its field.
/// </summary>
internal static class DumpPage
{
    private const int LineLength = 16;

    /// <summary>How far apart the colours of fields that follow each other are, in degrees: no two of them are alike.</summary>
    private const int HueStep = 137;

    private const string Style =
        """
        body { font: 14px/1.5 sans-serif; margin: 2em; display: grid; grid-template-columns: max-content 1fr; gap: 0 2em; align-items: start; }
        h1, h2, p { grid-column: 1 / -1; }
        pre, td:nth-child(-n+3) { font-family: monospace; }
        pre { position: sticky; top: 1em; margin: 0; max-height: 90vh; overflow-y: auto; }
        td { padding: 0 .6em; vertical-align: top; }
        [data-f] { cursor: pointer; }
        b { font-weight: normal; }
        .on { outline: 2px solid #c00; outline-offset: -1px; font-weight: bold; }
        .fault { color: #c00; }
        """;

    private const string Script =
        """
        document.addEventListener('click', event => {
          const chosen = event.target.closest('[data-f]');
          for (const marked of document.querySelectorAll('.on')) marked.classList.remove('on');
          if (!chosen) return;
          const same = [...document.querySelectorAll(`[data-f="${chosen.dataset.f}"]`)];
          for (const part of same) part.classList.add('on');
          const other = same.find(part => part.tagName !== chosen.tagName);
          if (other) other.scrollIntoView({ block: 'nearest' });
        });
        """;

    /// <summary>Writes the page.</summary>
    /// <param name="file">The name of the file.</param>
    /// <param name="structures">The structures.</param>
    /// <param name="faults">What is wrong in them.</param>
    /// <param name="output">Where the page goes.</param>
    public static void Write(string file, IReadOnlyList<DumpedStructure> structures, FaultList faults, Stream output)
    {
        using var writer = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">");
        writer.WriteLine($"<title>{Text(file)}</title>\n<style>\n{Style.ReplaceLineEndings("\n")}\n</style>\n</head>\n<body>");
        writer.WriteLine($"<h1>{Text(file)}</h1>");
        foreach (string fault in faults.Messages)
            writer.WriteLine($"<p class=\"fault\">{Text(fault)}</p>");
        for (int i = 0; i < structures.Count; i++)
            Write(structures[i], string.Create(CultureInfo.InvariantCulture, $"{i}"), writer);
        writer.WriteLine($"<script>\n{Script.ReplaceLineEndings("\n")}\n</script>\n</body>\n</html>");
    }

    private static void Write(DumpedStructure dumped, string prefix, StreamWriter writer)
    {
        string place = string.Create(CultureInfo.InvariantCulture, $"file offset 0x{dumped.Offset:x}, {dumped.Bytes.Length} bytes");
        writer.WriteLine($"<h2>{Text(dumped.Record.Structure.Name)} ({place})</h2>");
        WriteBytes(dumped, prefix, writer);
        writer.WriteLine("<table>");
        for (int i = 0; i < dumped.Rows.Count; i++)
        {
            RecordRow row = dumped.Rows[i];
            string cells = string.Concat(new[] { row.Offset is { } offset ? $"0x{offset:x}" : "", row.Name, row.Text, row.Doc }
                .Select(static cell => $"<td>{Text(cell)}</td>"));
            writer.WriteLine(row.Offset is null ? $"<tr>{cells}</tr>" : $"<tr {Field(prefix, i)}>{cells}</tr>");
        }

        writer.WriteLine("</table>");
    }

    private static void WriteBytes(DumpedStructure dumped, string prefix, StreamWriter writer)
    {
        // Of fields that share a place (a union) the first has the bytes.
        var fields = new int?[dumped.Bytes.Length];
        for (int i = dumped.Rows.Count - 1; i >= 0; i--)
        {
            if (dumped.Rows[i] is { Offset: { } offset } row)
                fields.AsSpan((int)(offset - dumped.Offset), row.Size).Fill(i);
        }

        writer.Write("<pre>");
        for (int i = 0; i < fields.Length; i++)
        {
            long place = dumped.Offset + i;
            if (i == 0 || place % LineLength == 0)
            {
                long line = place / LineLength * LineLength;
                writer.Write(string.Create(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : "\n")}0x{line:x8} "));
                writer.Write(new string(' ', (int)(place - line) * 3));
            }

            string digits = Convert.ToHexStringLower([dumped.Bytes[i]]);
            writer.Write(fields[i] is { } field ? $" <b {Field(prefix, field)}>{digits}</b>" : $" {digits}");
        }

        writer.WriteLine("</pre>");
    }

    /// <summary>What a field's row and its bytes have in common: number and colour.</summary>
    private static string Field(string prefix, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"data-f=\"{prefix}.{index}\" style=\"background: hsl({index * HueStep % 360} 70% 88%)\"");

    private static string Text(string text) => WebUtility.HtmlEncode(SpecText.Printable(text));
}
