using System.Text;

namespace BootProtocol.Cli.Reports;

/// <summary>Divides text into lines, between words only.</summary>
internal static class TextWrap
{
    /// <summary>Divides a text.</summary>
    /// <param name="text">The text, in one line.</param>
    /// <param name="width">Columns of a line. A word that is longer stands in a line of its own, whole.</param>
    /// <returns>The lines, at least one.</returns>
    public static IReadOnlyList<string> Split(string text, int width)
    {
        if (TextWidth.Of(text) <= width)
            return [text];
        var lines = new List<string>();
        var line = new StringBuilder();
        int taken = 0;
        foreach (string word in text.Split(' '))
        {
            int size = TextWidth.Of(word);
            if (taken > 0 && taken + size > width)
            {
                lines.Add(line.ToString().TrimEnd());
                line.Clear();
                taken = 0;
            }

            // The blanks between two lines belong to none.
            if (taken == 0 && lines.Count > 0 && size == 0)
                continue;
            line.Append(word).Append(' ');
            taken += size + 1;
        }

        lines.Add(line.ToString().TrimEnd());
        return lines;
    }
}
