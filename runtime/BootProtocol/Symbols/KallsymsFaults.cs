using System.Text;

namespace BootProtocol.Symbols;

/// <summary>Makes the errors of tables of symbols.</summary>
internal static class KallsymsFaults
{
    /// <summary>What the table is called in errors.</summary>
    public const string Structure = "kallsyms";

    /// <summary>The most characters of a name in an error.</summary>
    private const int MaximumQuote = 60;

    /// <summary>A part of the table is not what the parts that were found before ask for.</summary>
    /// <param name="part">The part, by the name that the kernel's source has for it.</param>
    /// <param name="at">Its place in the kernel, in bytes; null if it has none.</param>
    /// <param name="expected">What should be there.</param>
    /// <param name="found">What is there.</param>
    public static BootFormatException Broken(string part, long? at, string expected, string found) =>
        new(BootErrorCode.Malformed, Structure, part, at, expected, found);

    /// <summary>A name in quotes, cut where it is long.</summary>
    public static string Quote(ReadOnlySpan<byte> name) => name.Length > MaximumQuote
        ? $"'{Encoding.UTF8.GetString(name[..MaximumQuote])}...'"
        : $"'{Encoding.UTF8.GetString(name)}'";

    /// <summary>Makes a text with numbers in it, the same on every machine.</summary>
    public static string Text(FormattableString text) => FormattableString.Invariant(text);
}
