using System.Collections.Generic;
using BootProtocol.Generators.Model;

namespace BootProtocol.Generators.Syntax;

/// <summary>What every kind of row may have behind its name.</summary>
internal abstract record RowSyntax(SourceRange Range)
{
    public Located<string> Name { get; set; }

    public Located<string>? CSharpName { get; set; }

    public string Doc { get; set; } = "";

    public GateSyntax? Gate { get; set; }

    public GateSyntax? SecondGate { get; set; }

    public List<Located<string>> Access { get; } = [];

    /// <summary>How many access words stand before the second gate.</summary>
    public int AccessBeforeSecondGate { get; set; }

    public Located<ConstantSyntax>? Constant { get; set; }

    public Located<ulong>? Else { get; set; }

    public Located<ulong>? Zero { get; set; }

    public Located<int>? Only { get; set; }

    public PointeeSyntax? Pointee { get; set; }

    /// <summary>Of a row whose place varies: what the place is a multiple of, in bytes.</summary>
    public Located<ulong>? Align { get; set; }

    /// <summary>The number of bytes that the row has room for.</summary>
    public Located<string>? Bytes { get; set; }

    /// <summary>The number that chooses what the row is.</summary>
    public Located<string>? By { get; set; }

    /// <summary>The field of an element that is the last one, and its value there; of text and bytes the last byte, and no field.</summary>
    public (Located<string>? Field, Located<ulong> Value)? Until { get; set; }

    /// <summary>What has to hold for the row to be there: a number, and the values of it that go with the row; those other than 0 if it names none.</summary>
    public WhenSyntax? When { get; set; }

    /// <summary>What the value has to be.</summary>
    public List<RuleSyntax> Rules { get; } = [];

    /// <summary>The word that makes the rules conditions of reading the structure at all.</summary>
    public SourceRange? Check { get; set; }

    /// <summary>What the value is the checksum of.</summary>
    public ChecksumSyntax? Checksum { get; set; }

    /// <summary>Of a choice: the word that makes it as large as what is chosen.</summary>
    public SourceRange? Sized { get; set; }
}

/// <summary>A row of a structure.</summary>
internal sealed record StructRow(SourceRange Range, PositionSyntax Position, TypeSyntax Type) : RowSyntax(Range);

/// <summary>A row that computes a number of a structure's fields; it takes no room.</summary>
internal sealed record LetRow(SourceRange Range, FormulaSyntax Formula) : RowSyntax(Range);

/// <summary>A row of a <c>flags</c>, <c>enum</c> or <c>const</c> block; for a value both bits are the value.</summary>
internal sealed record EnumRow(SourceRange Range, Located<ulong> Low, ulong High, bool IsRange, Located<string>? Type) : RowSyntax(Range);

/// <summary>A row of a <c>choice</c> block: what some values of the tag stand for.</summary>
/// <param name="Tag">The values as they were written: a number, a range, or the name of an enumerator.</param>
/// <param name="Values">The first and the last value; null where the name of an enumerator stands.</param>
internal sealed record ChoiceRow(SourceRange Range, Located<string> Tag, (ulong First, ulong Last)? Values, TypeSyntax Type) : RowSyntax(Range);

/// <summary>A row of a <c>notes</c> block.</summary>
internal sealed record NoteRow(SourceRange Range, Located<ulong> Number, TypeSyntax Type) : RowSyntax(Range);

/// <summary>How a row says where it stands.</summary>
internal enum PositionKind
{
    /// <summary>A number in the protocol's own counting.</summary>
    Number,

    /// <summary>The next place.</summary>
    Next,

    /// <summary>The place of the row above.</summary>
    Same,
}

/// <summary>A row's position.</summary>
internal readonly record struct PositionSyntax(PositionKind Kind, ulong Value, SourceRange Range);

/// <summary>A type: a name, and what stands in brackets behind it.</summary>
/// <param name="Name">The type's name.</param>
/// <param name="Count">A fixed number of elements.</param>
/// <param name="CountField">The number that says how many elements there are; where <paramref name="Count"/> is the most, how many are in use.</param>
/// <param name="PadTo">For a pad: the position that it fills up to.</param>
/// <param name="HasBrackets">Whether brackets stand there at all; empty ones mean as many as there are.</param>
/// <param name="IsOpen">Written <c>[..]</c>: as many elements as there is room for.</param>
/// <param name="Text">The whole type as it was written, blanks folded.</param>
/// <param name="Range">The whole type.</param>
internal sealed record TypeSyntax(
    Located<string> Name,
    Located<ulong>? Count,
    Located<string>? CountField,
    Located<ulong>? PadTo,
    bool HasBrackets,
    bool IsOpen,
    string Text,
    SourceRange Range)
{
    /// <summary>Of an array of arrays: how many elements each of those inside has, the outermost of them first.</summary>
    public EquatableArray<ulong> Inner { get; init; } = new([]);

    /// <summary>Whether the brackets leave the number of elements to what is stored.</summary>
    public bool IsUncounted => IsOpen || (CountField is not null && Count is null);
}

/// <summary>What an address points at: a type, and perhaps the field with the number of elements.</summary>
internal sealed record PointeeSyntax(Located<string> Type, Located<string>? CountField, string Text);

/// <summary>What a value has to be.</summary>
/// <param name="Word"><c>in</c>, <c>one</c>, <c>aligned</c>, <c>known</c> or <c>zero</c>.</param>
/// <param name="Values">The first and the last value, all values, or the number that the value is a multiple of.</param>
/// <param name="Text">The rule as it was written, blanks folded.</param>
internal sealed record RuleSyntax(string Word, IReadOnlyList<ulong> Values, SourceRange Range, string Text);

/// <summary>What a value is the checksum of: some rows, or all of the structure.</summary>
/// <param name="Function">The function.</param>
/// <param name="First">The first row; null for the whole structure.</param>
/// <param name="Last">The last row.</param>
/// <param name="Shift">How many of the lowest bits are left out.</param>
/// <param name="Text">All of it as it was written, blanks folded.</param>
internal sealed record ChecksumSyntax(Located<string> Function, Located<string>? First, Located<string>? Last, ulong Shift, string Text);

/// <summary>A constant: a number, which may have a sign, or a text.</summary>
/// <param name="Number">The number; in two's complement if it is negative.</param>
/// <param name="Text">The text; characters up to 0xff are bytes.</param>
/// <param name="IsNegative">Whether the number has a sign.</param>
/// <param name="HasForeignCharacters">Whether the text has characters that are no bytes.</param>
internal readonly record struct ConstantSyntax(ulong Number, string? Text, bool IsNegative = false, bool HasForeignCharacters = false);

/// <summary>Versions from <paramref name="Lowest"/> to <paramref name="Highest"/>, as stored numbers.</summary>
/// <param name="IsAll">Written <c>all</c>.</param>
/// <param name="IsDotted">Written major.minor.</param>
internal sealed record GateSyntax(bool IsAll, bool IsDotted, uint Lowest, uint? Highest, Located<string> Text);

/// <summary>A condition of a row.</summary>
/// <param name="Number">The number that it is about.</param>
/// <param name="First">The lowest value that goes with the row.</param>
/// <param name="Last">The highest.</param>
/// <param name="Name">The enumerator that goes with the row; null where values are written.</param>
/// <param name="Text">The condition as it is written.</param>
internal sealed record WhenSyntax(Located<string> Number, ulong First, ulong Last, Located<string>? Name, string Text);
