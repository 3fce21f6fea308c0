using System.Globalization;

namespace BootProtocol;

/// <summary>Numbers as C writes them: hexadecimal behind 0x, octal behind 0, else decimal.</summary>
internal static class CNumber
{
    /// <summary>Reads a number.</summary>
    /// <returns>Whether it is one, below 2^64.</returns>
    public static bool TryParse(string text, out ulong number)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
        if (!text.StartsWith('0'))
            return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        number = 0;
        foreach (char digit in text)
        {
            if (digit is < '0' or > '7' || number >> 61 != 0)
                return false;
            number = (number << 3) | (uint)(digit - '0');
        }

        return true;
    }
}
