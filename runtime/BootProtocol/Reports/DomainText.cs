using System.Collections.Immutable;
using System.Globalization;
using BootProtocol.Domains;
using BootProtocol.Rules;

namespace BootProtocol.Reports;

/// <summary>Describes a domain as text: its memory without a gap, and its processor.</summary>
/// <example><code>
/// var text = new StringWriter();
/// DomainText.Write(linux, text);
/// Console.WriteLine($"{DomainText.Summary(linux)}{Environment.NewLine}{text}");
/// </code></example>
public static class DomainText
{
    private const string Gap = "  ";

    /// <summary>Writes plain text, aligned, with <c>\n</c> at the end of every line.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="output">Where it goes.</param>
    public static void Write(Domain domain, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentNullException.ThrowIfNull(output);
        output.Write($"{Summary(domain)}\n\n");
        WriteTable(
            output,
            [["region", "start", "end", "size", "virtual", "reason"], .. DomainMap.Of(domain).Select(Cells)],
            static column => column is >= 1 and <= 4);
        output.Write("\n");
        ImmutableArray<string[]> facts = [.. CpuFacts.Of(domain).Select(static fact => new[] { fact.Name, fact.Value, fact.Meaning })];
        WriteTable(output, facts, static _ => false);
    }

    /// <summary>What the domain is, in one line.</summary>
    public static string Summary(Domain domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        KernelPlacement kernel = domain.Placement;
        string text = $"{BootWays.Name(domain.Way)}: {(int)kernel.Word}-bit kernel at {kernel.Start}, {kernel.Length} bytes, entry 0x{kernel.Entry:x}";
        return kernel.VirtualOffset == 0 ? text : $"{text}, runs 0x{kernel.VirtualOffset:x} above where it was linked";
    }

    /// <summary>The cells of a row: name, start, end, size in bytes, virtual address, reason.</summary>
    public static string[] Cells(DomainMapRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return [row.Name, $"{row.Start}", $"{row.End}", row.Length.ToString(CultureInfo.InvariantCulture), row.Virtual?.ToString() ?? "", row.Reason];
    }

    private static void WriteTable(TextWriter output, ImmutableArray<string[]> rows, Func<int, bool> isRight)
    {
        if (rows.IsEmpty)
            return;
        int[] widths = new int[rows[0].Length];
        for (int i = 0; i < widths.Length; i++)
            widths[i] = rows.Max(row => row[i].Length);
        foreach (string[] row in rows)
        {
            IEnumerable<string> cells = row.Select((cell, i) => isRight(i) ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]));
            output.Write($"{string.Join(Gap, cells).TrimEnd()}\n");
        }
    }
}
