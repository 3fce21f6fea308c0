using System.Text;

namespace BootProtocol;

/// <summary>Puts texts of an image into messages of one line.</summary>
internal static class ReasonText
{
    private const int MaximumLength = 32;

    /// <summary>The text in quotes, cut to 32 characters, with a question mark for what does not print.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(MaximumLength + 5).Append('"');
        foreach (char character in text.AsSpan(0, Math.Min(text.Length, MaximumLength)))
            quoted.Append(character is < ' ' or > '~' ? '?' : character);
        return quoted.Append(text.Length > MaximumLength ? "...\"" : "\"").ToString();
    }
}
