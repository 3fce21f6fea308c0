using System.Globalization;
using System.Text;

namespace BootProtocol.Symbols.Rust;

/// <summary>Reads the names of rustc's older way: lengths and identifiers, of which the last is a hash.</summary>
internal static class LegacyReader
{
    /// <summary>The letter and the digits of the hash.</summary>
    private const int HashLength = 17;

    /// <summary>A hash has more different digits than a name that only looks like one.</summary>
    private const int MinimumDigits = 5;

    private static readonly (string Escape, string Text)[] _escapes =
        [("C", ","), ("SP", "@"), ("BP", "*"), ("RF", "&"), ("LT", "<"), ("GT", ">"), ("LP", "("), ("RP", ")")];

    /// <summary>Reads what stands behind <c>_ZN</c>.</summary>
    /// <param name="name">The rest of the name.</param>
    /// <param name="output">What it stands for is added to it; not to be used if it is broken.</param>
    /// <param name="suffix">What stands behind its end.</param>
    public static bool TryRead(ReadOnlySpan<char> name, StringBuilder output, out ReadOnlySpan<char> suffix)
    {
        suffix = default;
        int at = 0;
        ReadOnlySpan<char> last = default;
        bool hasLast = false;
        while (at < name.Length && name[at] != 'E')
        {
            int length = 0;
            int start = at;
            while (at < name.Length && char.IsAsciiDigit(name[at]) && length < name.Length)
                length = (length * 10) + (name[at++] - '0');
            if (at == start || name[start] == '0' || length > name.Length - at)
                return false;
            if (hasLast)
                Write(last, output.Append(output.Length > 0 ? "::" : ""));
            last = name.Slice(at, length);
            hasLast = true;
            if (last.ContainsAnyExcept(_letters))
                return false;
            at += length;
        }

        if (at == name.Length || output.Length == 0 || !IsHash(last))
            return false;
        suffix = name[(at + 1)..];
        return suffix.IsEmpty || suffix[0] == '.';
    }

    private static readonly System.Buffers.SearchValues<char> _letters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$.:");

    private static bool IsHash(ReadOnlySpan<char> text)
    {
        if (text.Length != HashLength || text[0] != 'h')
            return false;
        int seen = 0;
        foreach (char digit in text[1..])
        {
            if (!char.IsAsciiHexDigitLower(digit))
                return false;
            seen |= 1 << (char.IsAsciiDigit(digit) ? digit - '0' : digit - 'a' + 10);
        }

        return int.PopCount(seen) >= MinimumDigits;
    }

    private static void Write(ReadOnlySpan<char> text, StringBuilder output)
    {
        // An identifier may not start with an escape, and gets this in front.
        if (text.StartsWith("_$"))
            text = text[1..];
        while (!text.IsEmpty)
        {
            int length;
            if (text.StartsWith(".."))
                (length, _) = (2, output.Append("::"));
            else if (text[0] == '$' && TryEscape(text, out string? escaped, out length))
                output.Append(escaped);
            else if (text[0] == '$')
                (length, _) = (text.Length, output.Append(text));
            else
                (length, _) = (1, output.Append(text[0]));
            text = text[length..];
        }
    }

    private static bool TryEscape(ReadOnlySpan<char> text, out string? escaped, out int length)
    {
        escaped = null;
        length = text[1..].IndexOf('$') + 2;
        if (length < 2)
            return false;
        ReadOnlySpan<char> name = text[1..(length - 1)];
        foreach ((string escape, string meaning) in _escapes)
        {
            if (name.SequenceEqual(escape))
                escaped = meaning;
        }

        if (name.Length == 3 && name[0] == 'u' && byte.TryParse(name[1..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte code)
            && code is >= 0x20 and < 0x7f)
        {
            escaped = $"{(char)code}";
        }

        return escaped is not null;
    }
}
