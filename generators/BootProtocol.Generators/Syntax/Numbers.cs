using System.Globalization;

namespace BootProtocol.Generators.Syntax;

/// <summary>Reads numbers, versions, gates and ranges out of a token that starts with a digit.</summary>
internal static class Numbers
{
    /// <summary>Decimal digits, or 0x and hexadecimal ones.</summary>
    public static bool TryNumber(string text, out ulong value)
    {
        bool isHex = text.Length > 2 && text[0] == '0' && text[1] is 'x' or 'X';
        return isHex
            ? ulong.TryParse(text.Substring(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>A number, or two with a bar between them: the 32-bit and the 64-bit one.</summary>
    public static bool TryPair(string text, out (ulong Narrow, ulong Wide) pair)
    {
        int bar = text.IndexOf('|');
        if (bar < 0)
        {
            bool isNumber = TryNumber(text, out ulong both);
            pair = (both, both);
            return isNumber;
        }

        bool isPair = TryNumber(text.Substring(0, bar), out ulong narrow) & TryNumber(text.Substring(bar + 1), out ulong wide);
        pair = (narrow, wide);
        return isPair;
    }

    /// <summary>One bit or value, or two with <c>..</c> between them.</summary>
    public static bool TryRange(string text, out ulong low, out ulong high, out bool isRange)
    {
        int dots = text.IndexOf("..", System.StringComparison.Ordinal);
        isRange = dots >= 0;
        if (!isRange)
        {
            bool isNumber = TryNumber(text, out low);
            high = low;
            return isNumber;
        }

        return TryNumber(text.Substring(0, dots), out low) & TryNumber(text.Substring(dots + 2), out high);
    }

    /// <summary><c>A+</c> or <c>A-B</c>, where both are plain numbers or both major.minor.</summary>
    public static GateSyntax? TryGate(Token token)
    {
        string text = token.Text;
        int dash = text.IndexOf('-');
        bool isOpen = text.Length > 1 && text[text.Length - 1] == '+';
        if (dash < 0 != isOpen)
            return null;
        string first = isOpen ? text.Substring(0, text.Length - 1) : text.Substring(0, dash);
        if (!TryVersion(first, out uint lowest, out bool isDotted))
            return null;
        var source = new Located<string>(text, token.Range);
        if (isOpen)
            return new GateSyntax(false, isDotted, lowest, null, source);
        return TryVersion(text.Substring(dash + 1), out uint highest, out bool isDottedToo) && isDotted == isDottedToo
            ? new GateSyntax(false, isDotted, lowest, highest, source)
            : null;
    }

    /// <summary>A plain number, or major.minor with two parts under 256, stored as major * 256 + minor.</summary>
    private static bool TryVersion(string text, out uint version, out bool isDotted)
    {
        int dot = text.IndexOf('.');
        isDotted = dot >= 0;
        if (!isDotted)
            return uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out version);
        bool isVersion = byte.TryParse(text.Substring(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out byte major)
            & byte.TryParse(text.Substring(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out byte minor);
        version = ((uint)major << 8) | minor;
        return isVersion;
    }
}
