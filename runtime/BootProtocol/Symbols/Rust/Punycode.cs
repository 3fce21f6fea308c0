using System.Globalization;
using System.Text;

namespace BootProtocol.Symbols.Rust;

/// <summary>Reads identifiers with other letters than those of ASCII.</summary>
/// <remarks>Source: RFC 3492, with digits <c>a</c> to <c>z</c> and <c>0</c> to <c>9</c> and <c>_</c> in front of them in place of <c>-</c>.</remarks>
internal static class Punycode
{
    private const int Base = 36;
    private const int First = 0x80;

    /// <summary>The longest identifier that is read: each letter is put between the others.</summary>
    private const int MaximumLetters = 256;

    /// <summary>Adds an identifier to a text.</summary>
    /// <returns>False if it is broken.</returns>
    public static bool TryDecode(ReadOnlySpan<char> identifier, StringBuilder output)
    {
        int at = identifier.LastIndexOf('_');
        var letters = new List<Rune>();
        foreach (char letter in at < 0 ? default : identifier[..at])
            letters.Add(new Rune(letter));
        ReadOnlySpan<char> digits = identifier[(at + 1)..];
        if (digits.IsEmpty)
            return false;
        long code = First;
        long place = 0;
        int bias = 72;
        bool isFirst = true;
        while (!digits.IsEmpty)
        {
            if (letters.Count >= MaximumLetters || !TryNumber(ref digits, bias, out long number))
                return false;
            int count = letters.Count + 1;
            place += number;
            code += place / count;
            place %= count;
            if (!Rune.IsValid((int)Math.Min(code, int.MaxValue)) || !IsPrinted(new Rune((int)code)))
                return false;
            letters.Insert((int)place++, new Rune((int)code));
            bias = Bias(isFirst ? number / 700 : number / 2, count);
            isFirst = false;
        }

        foreach (Rune letter in letters)
            output.Append(letter.ToString());
        return true;
    }

    /// <summary>Names of Rust have no characters that steer a terminal or turn the direction of a line.</summary>
    private static bool IsPrinted(Rune letter) => Rune.GetUnicodeCategory(letter) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static bool TryNumber(ref ReadOnlySpan<char> digits, int bias, out long number)
    {
        number = 0;
        long weight = 1;
        for (int k = Base; ; k += Base)
        {
            if (digits.IsEmpty || weight > int.MaxValue)
                return false;
            int digit = char.IsAsciiLetterLower(digits[0]) ? digits[0] - 'a' : char.IsAsciiDigit(digits[0]) ? digits[0] - '0' + 26 : Base;
            digits = digits[1..];
            if (digit >= Base)
                return false;
            number += digit * weight;
            int least = Math.Clamp(k - bias, 1, 26);
            if (digit < least)
                return number <= int.MaxValue;
            weight *= Base - least;
        }
    }

    private static int Bias(long delta, int count)
    {
        delta += delta / count;
        int k = 0;
        for (; delta > 455; k += Base)
            delta /= 35;
        return k + (int)(36 * delta / (delta + 38));
    }
}
