namespace BootProtocol.Cli.LanguageServer;

/// <summary>A text that an editor changes. Lines and characters count from 0, characters in units of UTF-16.</summary>
internal sealed class DocumentText
{
    private readonly List<int> _starts = [];

    /// <summary>Takes a text.</summary>
    public DocumentText(string text) => Text = Scanned(text);

    /// <summary>The whole text.</summary>
    public string Text { get; private set; }

    /// <summary>How many lines there are; behind a last line end stands an empty one.</summary>
    public int LineCount => _starts.Count;

    /// <summary>The lines, without their ends.</summary>
    public IEnumerable<string> Lines => Enumerable.Range(0, LineCount).Select(Line);

    /// <summary>A line, without its end; an empty text where there is none.</summary>
    public string Line(int number) => number >= 0 && number < LineCount ? Text[_starts[number]..End(number)] : "";

    /// <summary>Changes the text. Places behind the end of a line mean its end, those behind the last line the end of the text.</summary>
    public void Apply(TextChange change)
    {
        if (change.Range is not { } range)
        {
            Text = Scanned(change.Text);
            return;
        }

        int first = Offset(range.Start);
        int last = Math.Max(first, Offset(range.End));
        Text = Scanned(string.Concat(Text.AsSpan(0, first), change.Text, Text.AsSpan(last)));
    }

    private int Offset(TextPlace place)
    {
        if (place.Line >= LineCount)
            return Text.Length;
        int start = _starts[place.Line];
        return start + Math.Min(place.Character, End(place.Line) - start);
    }

    /// <summary>Where a line ends, without what ends it.</summary>
    private int End(int line)
    {
        if (line + 1 == LineCount)
            return Text.Length;
        int end = _starts[line + 1] - 1;
        return end > _starts[line] && Text[end] == '\n' && Text[end - 1] == '\r' ? end - 1 : end;
    }

    /// <summary>Finds the starts of lines, which end with CR, LF or both.</summary>
    private string Scanned(string text)
    {
        _starts.Clear();
        _starts.Add(0);
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] == '\n' || (text[at] == '\r' && (at + 1 == text.Length || text[at + 1] != '\n')))
                _starts.Add(at + 1);
        }

        return text;
    }
}
