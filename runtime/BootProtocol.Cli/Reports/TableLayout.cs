namespace BootProtocol.Cli.Reports;

/// <summary>
/// Places the cells of a table. Columns that do not fit beside the others go on in further lines of the same row, as do the columns' names,
/// so that cells of a column stand under each other all the same.
/// </summary>
internal sealed class TableLayout
{
    private const int Indent = 2;
    private const int NextIndent = 6;
    private const int Gap = 2;

    /// <summary>The last column is not set beside the others if it would be narrower.</summary>
    private const int LeastText = 16;

    /// <summary>
    /// Columns get no wider for the sake of single long cells: these push aside what stands right of them in their row. On a terminal it is
    /// tried out which of these widths makes the fewest lines; in a pipe it is the first.
    /// </summary>
    private static readonly int[] _longCells = [40, 32, 24, 20];

    private readonly ReportTable _table;
    private readonly int _width;
    private readonly int _longCell;
    private readonly int[] _widths;
    private readonly int[] _starts;
    private readonly bool[] _startsLine;

    private TableLayout(ReportTable table, int width, int longCell)
    {
        _table = table;
        _width = width;
        _longCell = longCell;
        _widths = [.. table.Columns.Select((column, index) => WidthOf(column, index))];
        _starts = new int[_widths.Length];
        _startsLine = new bool[_widths.Length];
        int at = Indent;
        for (int i = 0; i < _widths.Length; i++)
        {
            _startsLine[i] = i > 0 && (IsText(i) ? !FitsBeside(i, at) : at > _width - _widths[i]);
            at = _startsLine[i] ? NextIndent : at;
            _starts[i] = at;
            at += _widths[i] + Gap;
        }
    }

    /// <summary>Places the columns.</summary>
    /// <param name="table">The table.</param>
    /// <param name="width">Columns of the terminal; null for lines of any length.</param>
    public static TableLayout Best(ReportTable table, int? width)
    {
        var best = new TableLayout(table, width ?? int.MaxValue, _longCells[0]);
        if (width is not { } limit)
            return best;
        int fewest = best.CountLines();
        foreach (int longCell in _longCells[1..])
        {
            var other = new TableLayout(table, limit, longCell);
            int count = other.CountLines();
            if (count < fewest)
                (best, fewest) = (other, count);
        }

        return best;
    }

    /// <summary>Prints the table.</summary>
    public void Print(LineWriter lines)
    {
        if (_table.HasHead)
            Print([.. _table.Columns.Select(static column => column.Name)], isHead: true, lines);
        foreach (IReadOnlyList<string> row in _table.Rows)
            Print(row, isHead: false, lines);
    }

    private int CountLines()
    {
        var lines = new LineWriter(TextWriter.Null, hasColors: false, isAscii: false);
        Print(lines);
        return lines.Count;
    }

    /// <summary>Whether a column is the one that may hold long text: the last, if its cells start under each other.</summary>
    private bool IsText(int column) => column == _table.Columns.Count - 1 && !_table.Columns[column].IsRight;

    private int WidthOf(ReportColumn column, int index)
    {
        int width = _table.HasHead ? TextWidth.Of(column.Name) : 0;
        int most = column.IsWhole ? int.MaxValue : _longCell;
        foreach (IReadOnlyList<string> row in _table.Rows)
            width = Math.Max(width, Math.Min(TextWidth.Of(row[index]), most));
        return width;
    }

    /// <summary>Whether the text fits beside the other columns, or takes no more lines there than it does below them.</summary>
    private bool FitsBeside(int column, int at)
    {
        int room = _width - at;
        if (room < LeastText)
            return false;
        if (_table.Rows.All(row => TextWidth.Of(row[column]) <= room))
            return true;
        int beside = 0;
        int below = 0;
        foreach (IReadOnlyList<string> row in _table.Rows)
        {
            beside += TextWrap.Split(row[column], room).Count;
            below += row[column].Length == 0 ? 1 : 1 + TextWrap.Split(row[column], _width - NextIndent).Count;
        }

        return beside <= below;
    }

    private void Print(IReadOnlyList<string> cells, bool isHead, LineWriter lines)
    {
        for (int i = 0; i < cells.Count; i++)
        {
            if (_startsLine[i] && lines.Column > 0 && cells.Skip(i).Any(static cell => cell.Length > 0))
                lines.End();
            if (cells[i].Length > 0)
                Place(i, cells[i], isHead ? ReportTone.Plain : _table.Columns[i].Tone, lines);
        }

        lines.End();
    }

    private void Place(int column, string cell, ReportTone tone, LineWriter lines)
    {
        int start = _starts[column];
        int size = TextWidth.Of(cell);
        if (_table.Columns[column].IsRight)
            start += Math.Max(0, _widths[column] - size);

        // A long cell before it takes its place. In a pipe, and where there is room, it is pushed aside.
        if (lines.Column > 0 && start < lines.Column + Gap)
        {
            if (lines.Column + Gap + size <= _width)
                start = lines.Column + Gap;
            else
                lines.End();
        }

        if (start <= _width - size)
        {
            lines.MoveTo(start);
            lines.Write(cell, tone);
            return;
        }

        PlaceWrapped(cell, tone, start, lines);
    }

    private void PlaceWrapped(string cell, ReportTone tone, int start, LineWriter lines)
    {
        // A word that is too long for the column goes as far to the left as it must.
        int longest = cell.Split(' ').Max(TextWidth.Of);
        if (start > _width - longest)
        {
            if (lines.Column > 0)
                lines.End();
            start = Math.Max(Indent, Math.Min(NextIndent, _width - longest));
        }

        bool isFirst = true;
        foreach (string piece in TextWrap.Split(cell, _width - start))
        {
            if (!isFirst)
                lines.End();
            isFirst = false;
            lines.MoveTo(start);
            lines.Write(piece, tone);
        }
    }
}
