using System.Globalization;

namespace BootProtocol;

/// <summary>Amounts of bytes as people write them, in powers of 1024.</summary>
/// <example><code>
/// if (ByteSize.TryParse("256M", bareUnit: 1, out ulong size))
///     Console.WriteLine($"{size} bytes, {ByteSize.Format(size)}");
/// </code></example>
public static class ByteSize
{
    private const string Units = "KMGTPE";

    /// <summary>Writes an amount: exactly if a whole number of a unit says it, else with one decimal.</summary>
    /// <param name="bytes">The amount.</param>
    /// <returns>Such as <c>256 MiB</c>, <c>55.9 MiB</c> or <c>17 bytes</c>.</returns>
    public static string Format(ulong bytes)
    {
        if (bytes < 1024)
            return string.Create(CultureInfo.InvariantCulture, $"{bytes} {(bytes == 1 ? "byte" : "bytes")}");
        int unit = Math.Min((63 - (int)ulong.LeadingZeroCount(bytes)) / 10, Units.Length);
        ulong size = 1UL << (unit * 10);
        if (bytes % size == 0)
            return string.Create(CultureInfo.InvariantCulture, $"{bytes / size} {Units[unit - 1]}iB");

        // What a whole number of the next smaller unit says in at most four digits stays exact.
        if (unit > 1 && bytes % (size >> 10) == 0 && bytes / (size >> 10) < 10_000)
            return string.Create(CultureInfo.InvariantCulture, $"{bytes / (size >> 10)} {Units[unit - 2]}iB");

        // What one decimal would round up to 1024 is 1.0 of the next unit.
        if ((double)bytes / size >= 1023.95 && unit < Units.Length)
            (unit, size) = (unit + 1, size << 10);
        return string.Create(CultureInfo.InvariantCulture, $"{(double)bytes / size:0.0} {Units[unit - 1]}iB");
    }

    /// <summary>Reads an amount.</summary>
    /// <param name="text">
    /// Decimal digits and a unit (<c>K</c>, <c>M</c>, <c>G</c> or <c>T</c>, upper or lower case, <c>iB</c> or <c>B</c> may follow), or
    /// hexadecimal digits behind <c>0x</c>, which are bytes.
    /// </param>
    /// <param name="bareUnit">What digits alone count: 1 for bytes, 2^20 for MiB.</param>
    /// <param name="bytes">The amount.</param>
    /// <returns>Whether it is one, below 2^64.</returns>
    public static bool TryParse(string text, ulong bareUnit, out ulong bytes)
    {
        ArgumentNullException.ThrowIfNull(text);
        bytes = 0;
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes);
        int digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        string unit = digits < 0 ? "" : text[digits..].Trim().ToUpperInvariant();
        ulong factor = unit switch
        {
            "" => bareUnit,
            "B" => 1,
            "K" or "KB" or "KIB" => 1UL << 10,
            "M" or "MB" or "MIB" => 1UL << 20,
            "G" or "GB" or "GIB" => 1UL << 30,
            "T" or "TB" or "TIB" => 1UL << 40,
            _ => 0,
        };
        ReadOnlySpan<char> number = digits < 0 ? text : text.AsSpan(0, digits);
        if (factor == 0 || !ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out ulong count))
            return false;
        UInt128 product = (UInt128)count * factor;
        bytes = (ulong)product;
        return product <= ulong.MaxValue;
    }
}
