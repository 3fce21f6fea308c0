using System.Collections.Generic;
using System.Linq;

namespace BootProtocol.Generators.Syntax;

/// <summary>A line of a spec file, cut into tokens.</summary>
/// <param name="Tokens">What stands before the doc; empty for a line that only continues a doc.</param>
/// <param name="Doc">The text behind the first free-standing bar; null if the line has none.</param>
/// <param name="IsHead">Whether the line starts in the first column.</param>
/// <param name="IsBroken">Whether something on the line could not be read; its problem has been reported.</param>
/// <param name="Range">The whole line without the blanks around it.</param>
internal sealed record SpecLine(IReadOnlyList<Token> Tokens, string? Doc, bool IsHead, bool IsBroken, SourceRange Range)
{
    /// <summary>The line as it counts in another file, where all of it stands at one place.</summary>
    public SpecLine At(SourceRange place) => this with { Tokens = [.. Tokens.Select(token => token with { Range = place })], Range = place };
}
