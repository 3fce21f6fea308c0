using System.Collections.Immutable;

namespace BootProtocol.Layout.Tests.Mutations;

/// <summary>The text of a spec file, cut into heads and rows (each with the lines that continue its doc) and what stands between.</summary>
internal sealed class SpecText
{
    private readonly ImmutableArray<ImmutableArray<string>> _pieces;

    public SpecText(string path, string text)
    {
        Path = path;
        List<List<string>> pieces = [];
        List<int> rows = [];
        foreach (string line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            string words = line.Trim();
            bool isRow = words.Length > 0 && words[0] is not ('#' or '|');
            bool continuesDoc = words.StartsWith('|') && rows.Count > 0 && rows[^1] == pieces.Count - 1;
            if (continuesDoc)
            {
                pieces[^1].Add(line);
                continue;
            }

            if (isRow)
                rows.Add(pieces.Count);
            pieces.Add([line]);
        }

        _pieces = [.. pieces.Select(piece => piece.ToImmutableArray())];
        Rows = [.. rows];
    }

    public string Path { get; }

    /// <summary>Which pieces are heads or rows.</summary>
    public ImmutableArray<int> Rows { get; }

    public IEnumerable<string> Lines => _pieces.SelectMany(piece => piece);

    /// <summary>The first line of a piece, for messages.</summary>
    public string Line(int piece) => _pieces[piece][0].Trim();

    public IEnumerable<string> Without(int piece) => _pieces.RemoveAt(piece).SelectMany(lines => lines);

    public IEnumerable<string> Swapped(int first, int second)
        => _pieces.SetItem(first, _pieces[second]).SetItem(second, _pieces[first]).SelectMany(lines => lines);
}
