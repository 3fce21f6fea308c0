namespace BootProtocol.Cli.Reports;

/// <summary>Writes lines piece by piece, in the colours that the pieces' tones have.</summary>
/// <param name="output">Where the lines go.</param>
/// <param name="hasColors">Whether there are colours.</param>
/// <param name="isAscii">Whether all other characters are to be spelt out.</param>
internal sealed class LineWriter(TextWriter output, bool hasColors, bool isAscii)
{
    private const string Reset = "\u001b[0m";

    /// <summary>The lines that have ended.</summary>
    public int Count { get; private set; }

    /// <summary>The columns of the current line that are taken.</summary>
    public int Column { get; private set; }

    /// <summary>Writes blanks up to a column.</summary>
    public void MoveTo(int column)
    {
        for (; Column < column; Column++)
            output.Write(' ');
    }

    /// <summary>Writes a piece of the line.</summary>
    public void Write(string text, ReportTone tone)
    {
        if (isAscii)
            text = TextWidth.ToAscii(text);
        string? color = hasColors && text.Length > 0 ? ColorOf(tone) : null;
        output.Write(color);
        output.Write(text);
        if (color is not null)
            output.Write(Reset);
        Column += TextWidth.Of(text);
    }

    /// <summary>Ends the line.</summary>
    public void End()
    {
        output.Write('\n');
        Column = 0;
        Count++;
    }

    private static string? ColorOf(ReportTone tone) => tone switch
    {
        ReportTone.Heading => "\u001b[1m",
        ReportTone.Key => "\u001b[36m",
        ReportTone.Value => "\u001b[32m",
        ReportTone.Faint => "\u001b[90m",
        _ => null,
    };
}
