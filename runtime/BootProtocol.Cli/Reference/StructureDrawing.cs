using System.Globalization;
using System.Text;
using System.Xml;
using BootProtocol.Cli.Layouts;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Reference;

/// <summary>Draws a structure as SVG: rows of bytes with a box for each field. It stands on a ground of its own, whatever the page's is.</summary>
internal sealed class StructureDrawing
{
    private const string Namespace = "http://www.w3.org/2000/svg";
    private const int Column = 88;
    private const int Left = 66;
    private const int PlaceRight = Left - 15;
    private const int Right = Left + (DrawnRows.Columns * Column);
    private const int Width = Right + 14;
    private const int RowHeight = 44;
    private const int LaneHeight = 34;
    private const int LineHeight = 13;

    /// <summary>How wide a character is at most, in tenths: fonts of one width have 6 tenths of their height.</summary>
    private const int CharacterWidth = 67;

    private readonly Dictionary<(string Tone, bool IsDashed), StringBuilder> _boxes = [];
    private readonly List<(int X, int Y, string Text)> _names = [];
    private readonly List<(int X, int Y, string Text)> _types = [];
    private readonly List<(int X, int Y, string Text)> _places = [];
    private readonly StringBuilder _bars = new();
    private int _top = 8;

    private StructureDrawing()
    {
    }

    /// <summary>Draws a structure, both variants if it has two.</summary>
    public static string Create(SpecStructure structure)
    {
        var drawing = new StructureDrawing();
        foreach (SpecVariant variant in structure.Variants)
            drawing.Add(structure, variant);
        return drawing.Write(structure.Name);
    }

    private void Add(SpecStructure structure, SpecVariant variant)
    {
        if (variant.Bits != 0)
        {
            _top += LineHeight;
            _names.Add((Left + (DrawnRows.Columns * Column / 2), _top, string.Create(CultureInfo.InvariantCulture, $"{variant.Bits} bits")));
            _top += 6;
        }

        IReadOnlyList<DrawnRow> rows = DrawnRows.Of(variant);
        if (rows.Count > 0)
        {
            _top += LineHeight;
            for (int i = 0; i < DrawnRows.Columns; i++)
                _types.Add((Left + (i * Column) + (Column / 2), _top - 4, i.ToString(CultureInfo.InvariantCulture)));
            AddRows(structure.BaseOffset, rows);
            AddPlace(structure.BaseOffset + variant.Size, 4);
        }

        for (int i = 0; i < variant.Tail.Length; i++)
            AddBand(variant.Tail[i], structure.Variants[0].Tail[i]);
        _top += 14;
    }

    private void AddRows(int baseOffset, IReadOnlyList<DrawnRow> rows)
    {
        var pieces = new Dictionary<SpecField, List<(DrawnCell Cell, CellOutline.Box Box)>>();
        foreach (DrawnRow row in rows)
        {
            int height = Math.Max(RowHeight, row.Lanes * LaneHeight);
            AddPlace(baseOffset + row.Offset, 14);
            if (row.IsShared)
                _bars.Append(CultureInfo.InvariantCulture, $"M{Left - 9} {_top + 2}v{height - 4}");
            foreach (DrawnCell cell in row.Cells)
            {
                int top = _top + (height * cell.Lane / cell.Lanes);
                int bottom = _top + (height * (cell.Lane + 1) / cell.Lanes);
                var box = new CellOutline.Box(Left + (cell.Start * Column), top, Left + (cell.End * Column), bottom, cell.IsCut);
                if (!pieces.TryGetValue(cell.Field, out List<(DrawnCell Cell, CellOutline.Box Box)>? list))
                    pieces.Add(cell.Field, list = []);
                list.Add((cell, box));
            }

            _top += height;
        }

        foreach ((SpecField field, List<(DrawnCell Cell, CellOutline.Box Box)> list) in pieces)
        {
            var outline = new CellOutline();
            foreach ((_, CellOutline.Box box) in list)
                outline.Add(box);
            Boxes(field, isDashed: false).Append(outline);
            AddLabel(field, Type(field, list.Exists(static piece => piece.Cell.IsCut)), Largest(list));
        }
    }

    /// <summary>The largest box in the pieces of a field: the first of the widest, with those right below it that are as wide.</summary>
    private static CellOutline.Box Largest(List<(DrawnCell Cell, CellOutline.Box Box)> pieces)
    {
        CellOutline.Box first = pieces.MaxBy(static piece => (piece.Cell.IsCut, piece.Cell.Width)).Box;
        CellOutline.Box last = pieces.Last(piece => piece.Box.Left == first.Left && piece.Box.Right == first.Right).Box;
        return first with { Bottom = last.Bottom };
    }

    private static string Type(SpecField field, bool isCut)
    {
        string size = string.Create(CultureInfo.InvariantCulture, $"{field.Size}");
        string type = isCut && !field.Type.Contains($"[{size}]", StringComparison.Ordinal) ? $"{field.Type}, {size} bytes" : field.Type;
        return field.Gate is { } gate ? $"{type} {gate.Text}" : type;
    }

    private void AddBand(SpecTail row, SpecTail narrow)
    {
        var box = new CellOutline.Box(Left, _top, Right, _top + RowHeight, IsCut: false);
        var outline = new CellOutline();
        outline.Add(box);
        Boxes(row.Field, isDashed: true).Append(outline);
        string extent = StructureReport.Extent(row, narrow);
        AddLabel(row.Field, extent.Length == 0 ? row.Field.Type : $"{row.Field.Type}, {extent}", box);
        _top += RowHeight;
    }

    private void AddLabel(SpecField field, string type, CellOutline.Box box)
    {
        string name = field.Kind == SpecKind.Pad ? "" : field.Name;
        int width = ((box.Right - box.Left - 6) * 10) / CharacterWidth;
        (IReadOnlyList<string> lines, string? last) = CellLabel.Fit(name, type, width, (box.Bottom - box.Top - 2) / LineHeight);
        int count = lines.Count + (last is null ? 0 : 1);
        int x = (box.Left + box.Right) / 2;
        int y = box.Middle - (count * LineHeight / 2) + 10;
        foreach (string line in lines)
        {
            _names.Add((x, y, line));
            y += LineHeight;
        }

        if (last is not null)
            _types.Add((x, y, last));
    }

    private void AddPlace(int offset, int below) => _places.Add((PlaceRight, _top + below, $"0x{offset:x}"));

    private StringBuilder Boxes(SpecField field, bool isDashed)
    {
        (string Tone, bool IsDashed) key = (CellTone.Of(field), isDashed);
        if (!_boxes.TryGetValue(key, out StringBuilder? path))
            _boxes.Add(key, path = new StringBuilder());
        return path;
    }

    private string Write(string name)
    {
        var text = new StringBuilder($"{ReferenceFiles.Marker}\n");
        var settings = new XmlWriterSettings { OmitXmlDeclaration = true, Indent = true, IndentChars = "", NewLineChars = "\n" };
        using (var writer = XmlWriter.Create(text, settings))
        {
            writer.WriteStartElement("svg", Namespace);
            string size = string.Create(CultureInfo.InvariantCulture, $"0 0 {Width} {_top}");
            Attributes(writer, ("viewBox", size), ("width", Number(Width)), ("height", Number(_top)), ("role", "img"));
            writer.WriteElementString("title", Namespace, $"Layout of {name}");
            Element(writer, "rect", ("width", "100%"), ("height", "100%"), ("rx", "6"), ("fill", "#fff"));
            Begin(writer, ("stroke", "#3b4654"));
            foreach (((string tone, bool isDashed), StringBuilder path) in _boxes)
            {
                (string, string)[] dashes = isDashed ? [("stroke-dasharray", "5 3")] : [];
                Element(writer, "path", [("fill", tone), .. dashes, ("d", path.ToString())]);
            }

            if (_bars.Length > 0)
                Element(writer, "path", ("stroke-width", "3"), ("d", _bars.ToString()));
            writer.WriteEndElement();
            Begin(writer, ("font-family", "monospace"), ("font-size", "11"), ("text-anchor", "middle"));
            Texts(writer, _names, ("fill", "#0d1117"));
            Texts(writer, _types, ("fill", "#4a5563"), ("font-size", "10"));
            Texts(writer, _places, ("fill", "#4a5563"), ("font-size", "10"), ("text-anchor", "end"));
            writer.WriteEndElement();
        }

        return text.Append('\n').ToString();
    }

    private static void Texts(XmlWriter writer, List<(int X, int Y, string Text)> texts, params (string Name, string Value)[] attributes)
    {
        Begin(writer, attributes);
        foreach ((int x, int y, string text) in texts)
        {
            writer.WriteStartElement("text", Namespace);
            Attributes(writer, ("x", Number(x)), ("y", Number(y)));
            writer.WriteString(text);
            writer.WriteEndElement();
        }

        writer.WriteEndElement();
    }

    private static void Begin(XmlWriter writer, params (string Name, string Value)[] attributes)
    {
        writer.WriteStartElement("g", Namespace);
        Attributes(writer, attributes);
    }

    private static void Element(XmlWriter writer, string name, params (string Name, string Value)[] attributes)
    {
        writer.WriteStartElement(name, Namespace);
        Attributes(writer, attributes);
        writer.WriteEndElement();
    }

    private static void Attributes(XmlWriter writer, params (string Name, string Value)[] attributes)
    {
        foreach ((string name, string value) in attributes)
            writer.WriteAttributeString(name, value);
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
