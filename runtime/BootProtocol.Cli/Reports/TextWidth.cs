using System.Globalization;
using System.Text;

namespace BootProtocol.Cli.Reports;

/// <summary>How many columns of a terminal a text takes.</summary>
internal static class TextWidth
{
    /// <summary>Where the scripts begin and end whose characters take two columns: those of East Asia, and pictures.</summary>
    private static readonly (int First, int Last)[] _wide =
        [(0x1100, 0x115f), (0x2e80, 0xa4cf), (0xac00, 0xd7a3), (0xf900, 0xfaff), (0xfe30, 0xfe6f), (0xff00, 0xff60), (0xffe0, 0xffe6), (0x1f300, 0x3fffd)];

    /// <summary>The columns of a text without control characters.</summary>
    public static int Of(string text)
    {
        if (Ascii.IsValid(text))
            return text.Length;
        int width = 0;
        foreach (Rune rune in text.EnumerateRunes())
            width += Of(rune);
        return width;
    }

    /// <summary>Spells characters out that are not ASCII.</summary>
    public static string ToAscii(string text)
    {
        if (Ascii.IsValid(text))
            return text;
        var ascii = new StringBuilder(text.Length * 2);
        foreach (char character in text)
            _ = char.IsAscii(character) ? ascii.Append(character) : ascii.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
        return ascii.ToString();
    }

    private static int Of(Rune rune)
    {
        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format)
            return 0;
        return Array.Exists(_wide, range => range.First <= rune.Value && rune.Value <= range.Last) ? 2 : 1;
    }
}
