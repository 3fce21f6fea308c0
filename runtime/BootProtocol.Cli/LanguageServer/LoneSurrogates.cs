using System.Buffers.Text;

namespace BootProtocol.Cli.LanguageServer;

/// <summary>
/// Halves of characters. An editor may send one, as <c>\ud83d</c>, while a character is being taken apart; the reader of JSON refuses them.
/// </summary>
internal static class LoneSurrogates
{
    /// <summary>The bytes of an escape such as <c>\ud83d</c>.</summary>
    private const int EscapeLength = 6;

    /// <summary>Puts a replacement character in the place of each, in the escapes of JSON: it is one unit of UTF-16 as well, so that columns stay.</summary>
    public static void Replace(Span<byte> json)
    {
        for (int at = 0; at + 1 < json.Length; at++)
        {
            if (json[at] != '\\')
                continue;
            if (Unit(json[at..]) is not { } unit)
            {
                at++; // What is escaped may be a backslash.
                continue;
            }

            bool isPair = char.IsHighSurrogate(unit) && Unit(json[(at + EscapeLength)..]) is { } next && char.IsLowSurrogate(next);
            if (char.IsSurrogate(unit) && !isPair)
                "\\ufffd"u8.CopyTo(json[at..]);
            at += (isPair ? 2 : 1) * EscapeLength - 1;
        }
    }

    private static char? Unit(ReadOnlySpan<byte> json) =>
        json.StartsWith("\\u"u8)
        && json.Length >= EscapeLength
        && Utf8Parser.TryParse(json[2..EscapeLength], out ushort value, out int length, 'x')
        && length == EscapeLength - 2
            ? (char)value
            : null;
}
