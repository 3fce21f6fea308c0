using System.Collections.Immutable;
using System.Globalization;
using System.Xml;
using BootProtocol.Domains;
using BootProtocol.Specs;

namespace BootProtocol.Reports;

/// <summary>Draws a domain's memory as SVG, lowest address on top. Each region has its addresses and its reason beside it.</summary>
/// <remarks>
/// Heights are to scale between a least one, in which a name can be read, and a largest one; what is cut there is marked by a zigzag.
/// </remarks>
/// <example><code>
/// using FileStream drawing = File.Create(Path.Combine(folder, "guest.svg"));
/// DomainSvg.Write(linux, drawing);
/// </code></example>
public static class DomainSvg
{
    private const string Namespace = "http://www.w3.org/2000/svg";
    private const int Margin = 20;
    private const int Head = 64;
    private const int LineHeight = 16;
    private const double CharacterWidth = 7.3;
    private const int LeastBoxWidth = 180;
    private const int ZigzagStep = 10;

    private const string StyleSheet =
        "text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#1c2733}.h{font-size:15px;font-weight:bold}"
        + ".n{font-weight:bold}.a{text-anchor:end}.a,.s{fill:#5b6875}.r{fill:#34414e}rect{stroke:#1c2733;stroke-width:1}"
        + ".free{fill:#ffffff;stroke-dasharray:3 3}"
        + ".none{fill:#eceff2;stroke:#9aa5b1;stroke-dasharray:1 3}.reserved{fill:#c9d0d8}"
        + ".c0{fill:#8ecae6}.c1{fill:#ffd166}.c2{fill:#a3d9a5}.c3{fill:#f4a6a0}.c4{fill:#cdb4db}.c5{fill:#ffb77a}"
        + ".z{fill:none;stroke:#1c2733}";

    private const int Colors = 6;

    /// <summary>Writes the drawing, as UTF-8.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="output">Where it goes; it stays open.</param>
    public static void Write(Domain domain, Stream output)
    {
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentNullException.ThrowIfNull(output);
        Write(DomainText.Summary(domain), DomainMap.Of(domain), output);
    }

    /// <summary>Draws the parts of a memory, as UTF-8.</summary>
    /// <param name="summary">What it is, in one line.</param>
    /// <param name="rows">The parts, ascending; at least one.</param>
    /// <param name="output">Where the drawing goes; it stays open.</param>
    public static void Write(string summary, ImmutableArray<DomainMapRow> rows, Stream output)
    {
        ArgumentNullException.ThrowIfNull(summary);
        ArgumentNullException.ThrowIfNull(output);
        var scale = new DomainSvgScale(rows);
        double addressWidth = Width(rows.Max(static row => row.End.ToString().Length));
        double boxWidth = Math.Max(LeastBoxWidth, Width(rows.Max(static row => row.Name.Length) + 2));
        double boxLeft = Margin + addressWidth + 10;
        double textLeft = boxLeft + boxWidth + 12;
        double textWidth = Width(Math.Max(rows.Max(static row => Note(row).Length), summary.Length * 5 / 4));
        double height = Head + rows.Sum(scale.HeightOf) + LineHeight + Margin;

        var settings = new XmlWriterSettings { Encoding = new System.Text.UTF8Encoding(false), Indent = true, NewLineChars = "\n" };
        using var writer = XmlWriter.Create(output, settings);
        writer.WriteStartElement("svg", Namespace);
        Attribute(writer, "width", textLeft + textWidth + Margin);
        Attribute(writer, "height", height);
        writer.WriteAttributeString("role", "img");
        Element(writer, "title", summary);
        Element(writer, "style", StyleSheet);
        writer.WriteStartElement("rect", Namespace);
        writer.WriteAttributeString("width", "100%");
        writer.WriteAttributeString("height", "100%");
        writer.WriteAttributeString("style", "fill:#ffffff;stroke:none");
        writer.WriteEndElement();
        Text(writer, "h", Margin, Margin + 8, summary);
        const string Legend = "physical addresses, lowest on top; a zigzag marks what is drawn shorter than its size";
        Text(writer, "s", Margin, Margin + 8 + LineHeight, Legend);

        double top = Head;
        foreach (DomainMapRow row in rows)
        {
            double rowHeight = scale.HeightOf(row);
            writer.WriteStartElement("g", Namespace);
            Element(writer, "title", Tooltip(row));
            Box(writer, ClassOf(row, rows), boxLeft, top, boxWidth, rowHeight);
            if (scale.IsCut(row))
                Zigzag(writer, boxLeft, top + (rowHeight * 0.75), boxWidth);
            Text(writer, "a", boxLeft - 8, top + 12, row.Start.ToString());
            Text(writer, row.Kind == DomainMapKind.Region ? "n" : "s", boxLeft + 8, top + LineHeight, row.Name);
            Text(writer, "r", textLeft, top + LineHeight, Note(row));
            writer.WriteEndElement();
            top += rowHeight;
        }

        Text(writer, "a", boxLeft - 8, top + 12, rows[^1].End.ToString());
        writer.WriteEndElement();
    }

    private static string Note(DomainMapRow row)
    {
        string text = ByteSize.Format(row.Length);
        if (row.Virtual is { } address)
            text = $"{text}, seen at {address}";
        return row.Reason.Length == 0 ? text : $"{text}: {row.Reason}";
    }

    private static string Tooltip(DomainMapRow row)
    {
        string text = $"{row.Name}\n{row.Start} to {row.End}, {ByteSize.Format(row.Length)}";
        if (row.Virtual is { } address)
            text = $"{text}\nseen at {address}";
        return row.Reason.Length == 0 ? text : $"{text}\n{row.Reason}";
    }

    /// <summary>Neighbours get different colours.</summary>
    private static string ClassOf(DomainMapRow row, ImmutableArray<DomainMapRow> rows)
    {
        if (row.Kind != DomainMapKind.Region)
            return row.Kind switch { DomainMapKind.Free => "free", DomainMapKind.Reserved => "reserved", _ => "none" };
        int index = rows.Where(static other => other.Kind == DomainMapKind.Region).TakeWhile(other => other != row).Count();
        return string.Create(CultureInfo.InvariantCulture, $"c{index % Colors}");
    }

    private static void Box(XmlWriter writer, string style, double x, double y, double width, double height)
    {
        writer.WriteStartElement("rect", Namespace);
        writer.WriteAttributeString("class", style);
        Attribute(writer, "x", x);
        Attribute(writer, "y", y);
        Attribute(writer, "width", width);
        Attribute(writer, "height", height);
        writer.WriteEndElement();
    }

    private static void Zigzag(XmlWriter writer, double x, double y, double width)
    {
        var points = new List<string>();
        for (int i = 0; i * ZigzagStep <= width; i++)
            points.Add(string.Create(CultureInfo.InvariantCulture, $"{x + (i * ZigzagStep):0.#},{y + (i % 2 == 0 ? 3 : -3):0.#}"));
        writer.WriteStartElement("polyline", Namespace);
        writer.WriteAttributeString("class", "z");
        writer.WriteAttributeString("points", string.Join(' ', points));
        writer.WriteEndElement();
    }

    private static void Text(XmlWriter writer, string style, double x, double y, string text)
    {
        writer.WriteStartElement("text", Namespace);
        writer.WriteAttributeString("class", style);
        Attribute(writer, "x", x);
        Attribute(writer, "y", y);
        writer.WriteString(SpecText.Printable(text));
        writer.WriteEndElement();
    }

    private static void Element(XmlWriter writer, string name, string text) =>
        writer.WriteElementString(name, Namespace, string.Join('\n', text.Split('\n').Select(SpecText.Printable)));

    private static void Attribute(XmlWriter writer, string name, double value) =>
        writer.WriteAttributeString(name, value.ToString("0.#", CultureInfo.InvariantCulture));

    private static double Width(int characters) => characters * CharacterWidth;
}
