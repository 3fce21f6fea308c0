using System.Collections.Immutable;
using System.Globalization;

namespace BootProtocol.Elf;

/// <summary>Makes the errors of ELF files.</summary>
internal static class ElfFaults
{
    /// <summary>The most faults of one table that are kept: a broken one can have as many as entries.</summary>
    public const int MaximumListed = 16;

    /// <summary>The first of the faults of a table and its entries.</summary>
    public static ImmutableArray<ParseError> List(ParseError table, IEnumerable<ParseError> entries) =>
        [.. entries.Prepend(table).Where(static fault => fault.IsError).Take(MaximumListed)];

    /// <summary>Something lies outside of the file.</summary>
    /// <param name="structure">The structure that places it, as the format spells it.</param>
    /// <param name="field">The field that holds the place.</param>
    /// <param name="at">The file offset of that field.</param>
    /// <param name="offset">The place.</param>
    /// <param name="size">The bytes that should be there.</param>
    /// <param name="length">The file's bytes.</param>
    public static BootFormatException Outside(string structure, string field, long at, ulong offset, UInt128 size, long length) => new(
        BootErrorCode.OutOfBounds,
        structure,
        field,
        at,
        string.Create(CultureInfo.InvariantCulture, $"a place inside a file of {length} bytes"),
        string.Create(CultureInfo.InvariantCulture, $"{size} bytes at offset 0x{offset:x}"));

    /// <summary>A number is below or above what is allowed.</summary>
    public static BootFormatException Number(string structure, string field, long at, string expected, ulong found) =>
        new(BootErrorCode.BadValue, structure, field, at, expected, found.ToString(CultureInfo.InvariantCulture));

    /// <summary>Makes a text with numbers in it, the same on every machine.</summary>
    public static string Text(FormattableString text) => FormattableString.Invariant(text);
}
