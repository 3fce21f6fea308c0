using System;
using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Diagnostics;

namespace BootProtocol.Generators.Syntax;

/// <summary>A spec file as it was written, with places, and what was wrong with it.</summary>
internal sealed record SpecFile(string Path, ProtocolHead? Protocol, IReadOnlyList<BlockSyntax> Blocks, IReadOnlyList<SpecProblem> Problems)
{
    /// <summary>The blocks of rows that stand in other blocks.</summary>
    public IReadOnlyList<SharedRows> Shared { get; init; } = [];

    /// <summary>The rows <c>include</c> that name no such block of this file, in their order.</summary>
    public IReadOnlyList<MissingRows> Missing { get; init; } = [];
}

/// <summary>A <c>rows</c> block. What its lines are, the blocks say that include them.</summary>
internal sealed record SharedRows(Located<string> Name, IReadOnlyList<SpecLine> Lines);

/// <summary>A row <c>include</c> that names rows of another file.</summary>
/// <param name="Block">The block that it stands in.</param>
/// <param name="Place">The number of rows above it, those of other such rows not counted.</param>
/// <param name="Name">The name.</param>
/// <param name="Read">Reads a line as a row of the block; null if it is none, which is reported.</param>
internal sealed record MissingRows(BlockSyntax Block, int Place, Located<string> Name, Func<SpecLine, ProblemList, RowSyntax?> Read);

/// <summary>The head of a file: <c>protocol NAME little|big [versions A-B]</c>.</summary>
internal sealed record ProtocolHead(Located<string> Name, bool IsBigEndian, GateSyntax? Versions, string Doc);

/// <summary>A block: its head and its rows. A row that could not be read is null, so that layout checks know of the hole.</summary>
internal abstract record BlockSyntax(Located<string> Name, Located<string>? CSharpName)
{
    public string Doc { get; set; } = "";

    /// <summary>How many rows it has, those that could not be read included.</summary>
    public abstract int RowCount { get; }

    /// <summary>All rows, as they were written.</summary>
    public abstract IEnumerable<RowSyntax?> AllRows { get; }

    /// <summary>The block with other rows, of its own kind.</summary>
    public abstract BlockSyntax With(IEnumerable<RowSyntax?> rows);
}

/// <summary>A <c>struct</c> block.</summary>
/// <param name="Written">All rows, as they were written.</param>
internal sealed record StructSyntax(Located<string> Name, Located<string>? CSharpName, StructHead Head, IReadOnlyList<RowSyntax?> Written)
    : BlockSyntax(Name, CSharpName)
{
    /// <summary>The rows that take room, with those that could not be read.</summary>
    public IEnumerable<StructRow?> Rows => Written.Where(row => row is not LetRow).Cast<StructRow?>();

    /// <summary>The rows that compute a number.</summary>
    public IEnumerable<LetRow> Lets => Written.OfType<LetRow>();

    public override int RowCount => Rows.Count();

    public override IEnumerable<RowSyntax?> AllRows => Written;

    public override BlockSyntax With(IEnumerable<RowSyntax?> rows) => this with { Written = [.. rows] };
}

/// <summary>The words of a <c>struct</c> head.</summary>
internal sealed record StructHead
{
    /// <summary>Offsets above this are refused: no boot structure comes near it.</summary>
    public const int LargestOffset = 1 << 28;

    public bool IsPacked { get; set; }

    public bool IsWord { get; set; }

    /// <summary>Where positions count from, at most <see cref="LargestOffset"/>.</summary>
    public ulong BaseOffset { get; set; }

    /// <summary>Whether a larger start is written, which has been reported: positions cannot be held against it.</summary>
    public bool IsStartTooLarge { get; set; }

    /// <summary>The checked size: one number, or the 32-bit and the 64-bit one.</summary>
    public Located<(ulong Narrow, ulong Wide)>? Size { get; set; }

    public Located<string>? GateField { get; set; }

    public Located<string>? GateMagic { get; set; }

    public Located<ulong>? Ends { get; set; }

    public Located<string>? LengthField { get; set; }

    /// <summary>The versions of the structure, where they are not those of its file.</summary>
    public GateSyntax? Versions { get; set; }

    /// <summary>What the size of a structure of varying size is rounded up to: for 32 bits and for 64.</summary>
    public Located<(ulong Narrow, ulong Wide)>? Align { get; set; }
}

/// <summary>A <c>flags</c>, <c>enum</c> or <c>const</c> block.</summary>
/// <param name="Word">The word that opens it.</param>
internal sealed record EnumSyntax(Located<string> Name, Located<string>? CSharpName, string Word, Located<string> Type, IReadOnlyList<EnumRow?> Rows)
    : BlockSyntax(Name, CSharpName)
{
    public bool IsFlags => Word == "flags";

    /// <summary>Whether the values are numbers with a name each, and no type.</summary>
    public bool IsConst => Word == "const";

    public override int RowCount => Rows.Count;

    public override IEnumerable<RowSyntax?> AllRows => Rows;

    public override BlockSyntax With(IEnumerable<RowSyntax?> rows) => this with { Rows = [.. rows.Cast<EnumRow?>()] };

    /// <summary>Whether some row is a field of several bits.</summary>
    public bool HasBitFields => IsFlags && Rows.Any(row => row is not null && row.High > row.Low.Value);
}

/// <summary>A <c>choice</c> block.</summary>
/// <param name="Tag">The type of the number that chooses.</param>
internal sealed record ChoiceSyntax(Located<string> Name, Located<string>? CSharpName, Located<string> Tag, IReadOnlyList<ChoiceRow?> Rows)
    : BlockSyntax(Name, CSharpName)
{
    public override int RowCount => Rows.Count;

    public override IEnumerable<RowSyntax?> AllRows => Rows;

    public override BlockSyntax With(IEnumerable<RowSyntax?> rows) => this with { Rows = [.. rows.Cast<ChoiceRow?>()] };
}

/// <summary>A <c>notes</c> block.</summary>
internal sealed record NotesSyntax(Located<string> Name, Located<string>? CSharpName, string Owner, IReadOnlyList<NoteRow?> Rows)
    : BlockSyntax(Name, CSharpName)
{
    public override int RowCount => Rows.Count;

    public override IEnumerable<RowSyntax?> AllRows => Rows;

    public override BlockSyntax With(IEnumerable<RowSyntax?> rows) => this with { Rows = [.. rows.Cast<NoteRow?>()] };
}
