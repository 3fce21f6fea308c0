using BootProtocol.Specs;

namespace BootProtocol.Cli.Reference;

/// <summary>Breaks the fields of a structure into rows of a drawing.</summary>
internal sealed class DrawnRows
{
    /// <summary>Bytes of a row.</summary>
    public const int Columns = 8;

    /// <summary>How many whole rows a field may take before they are cut to one.</summary>
    private const int MostWholeRows = 2;

    private readonly List<DrawnRow> _rows = [];

    private DrawnRows()
    {
    }

    /// <summary>The rows of a variant's fixed part.</summary>
    public static IReadOnlyList<DrawnRow> Of(SpecVariant variant)
    {
        var rows = new DrawnRows();
        SpecField[] fields = [.. variant.Fields.Where(static field => field.Size > 0).OrderBy(static field => field.Offset)];
        for (int first = 0, next; first < fields.Length; first = next)
        {
            // Fields that overlap share their place: a union.
            int end = fields[first].Offset + fields[first].Size;
            for (next = first + 1; next < fields.Length && fields[next].Offset < end; next++)
                end = Math.Max(end, fields[next].Offset + fields[next].Size);
            if (next == first + 1)
                rows.AddField(fields[first]);
            else if (fields[first].Offset / Columns == (end - 1) / Columns)
                rows.AddLanes(fields[first..next]);
            else
                rows.AddShared(fields[first..next]);
        }

        return rows._rows;
    }

    private void AddField(SpecField field)
    {
        int end = field.Offset + field.Size;
        for (int at = field.Offset; at < end;)
        {
            int column = at % Columns;
            int wholeRows = column == 0 ? (end - at) / Columns : 0;
            bool isCut = wholeRows > MostWholeRows;
            int length = isCut ? wholeRows * Columns : Math.Min(Columns - column, end - at);
            RowAt(at - column).Cells.Add(new DrawnCell(field, column, isCut ? Columns : column + length, 0, 1, isCut));
            at += length;
        }
    }

    private void AddLanes(SpecField[] fields)
    {
        var ends = new List<int>();
        int[] lanes = new int[fields.Length];
        for (int i = 0; i < fields.Length; i++)
        {
            lanes[i] = ends.FindIndex(end => end <= fields[i].Offset);
            if (lanes[i] < 0)
            {
                lanes[i] = ends.Count;
                ends.Add(0);
            }

            ends[lanes[i]] = fields[i].Offset + fields[i].Size;
        }

        int start = fields[0].Offset / Columns * Columns;
        DrawnRow row = RowAt(start);
        for (int i = 0; i < fields.Length; i++)
        {
            int column = fields[i].Offset - start;
            row.Cells.Add(new DrawnCell(fields[i], column, column + fields[i].Size, lanes[i], ends.Count, IsCut: false));
        }
    }

    /// <summary>Fields that share more than a row: a row for each.</summary>
    private void AddShared(SpecField[] fields)
    {
        foreach (SpecField field in fields)
        {
            int column = field.Offset % Columns;
            var row = new DrawnRow(field.Offset, IsShared: true);
            row.Cells.Add(new DrawnCell(field, column, Math.Min(Columns, column + field.Size), 0, 1, column + field.Size > Columns));
            _rows.Add(row);
        }
    }

    private DrawnRow RowAt(int offset)
    {
        if (_rows.Count == 0 || _rows[^1].Offset != offset || _rows[^1].IsShared)
            _rows.Add(new DrawnRow(offset, IsShared: false));
        return _rows[^1];
    }
}
