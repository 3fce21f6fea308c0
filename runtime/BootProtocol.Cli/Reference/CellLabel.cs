namespace BootProtocol.Cli.Reference;

/// <summary>Fits the name and the type of a field into a box: no more lines than there is room for, none longer than the box.</summary>
internal static class CellLabel
{
    private const char Cut = '…';

    /// <summary>Breaks the words into lines.</summary>
    /// <param name="name">The name; broken behind an underscore if it is too long.</param>
    /// <param name="type">The type, which is left out where there is no room.</param>
    /// <param name="width">Characters of a line.</param>
    /// <param name="lines">How many lines there is room for.</param>
    /// <returns>The lines of the name, and that of the type if there is one.</returns>
    public static (IReadOnlyList<string> Name, string? Type) Fit(string name, string type, int width, int lines)
    {
        var parts = new List<string>();
        for (string rest = name; rest.Length > 0;)
        {
            bool isLast = parts.Count == lines - 1;
            int length = rest.Length <= width ? rest.Length : isLast ? 0 : rest.LastIndexOf('_', width - 1) + 1;
            parts.Add(length > 0 ? rest[..length] : Shorten(rest, width));
            rest = length > 0 ? rest[length..] : "";
        }

        bool hasRoom = parts.Count < lines && (parts.Count == 0 || type.Split('[')[0].Length <= width);
        return (parts, hasRoom ? Shorten(type, width) : null);
    }

    private static string Shorten(string text, int width) => text.Length <= width ? text : $"{text[..(width - 1)]}{Cut}";
}
