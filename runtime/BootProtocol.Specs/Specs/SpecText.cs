using System.Globalization;
using System.Text;

namespace BootProtocol.Specs;

/// <summary>A text.</summary>
/// <param name="text">The text up to its NUL; bytes that are no UTF-8 became replacement characters.</param>
/// <example><code>
/// if (image.KernelVersion is { } version)
///     Console.WriteLine($"{SpecText.Printable(version)}, quoted {new SpecText(version)}");
/// </code></example>
public sealed class SpecText(string text) : SpecValue
{
    /// <summary>The text up to its NUL; it can hold any character, control characters too.</summary>
    public string Text { get; } = text;

    /// <summary>The text in double quotes, with everything that does not print written as <c>\u001b</c>.</summary>
    public override string ToString() => $"\"{Printable(Text).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    /// <summary>A text with everything that does not print (or would change what a terminal shows) written as <c>\u001b</c>.</summary>
    /// <param name="text">Any text, such as one from an image.</param>
    public static string Printable(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        StringBuilder? result = null;
        for (int i = 0; i < text.Length; i++)
        {
            if (Prints(text[i]))
            {
                result?.Append(text[i]);
                continue;
            }

            result ??= new StringBuilder(text, 0, i, text.Length + 16);
            result.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
        }

        return result?.ToString() ?? text;
    }

    private static bool Prints(char character) => char.GetUnicodeCategory(character) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
