namespace BootProtocol.Types;

/// <summary>Makes the errors of types.</summary>
internal static class BtfFaults
{
    /// <summary>Something is not what the format asks for.</summary>
    /// <param name="part">The part, by the name that the format has for it.</param>
    /// <param name="at">Its place in bytes; null if it has none.</param>
    /// <param name="expected">What should be there.</param>
    /// <param name="found">What is there.</param>
    public static BootFormatException Broken(string part, long? at, string expected, string found) =>
        new(BootErrorCode.Malformed, "btf", part, at, expected, found);

    /// <summary>Makes a text with numbers in it, the same on every machine.</summary>
    public static string Text(FormattableString text) => FormattableString.Invariant(text);
}
