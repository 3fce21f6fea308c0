using System.Collections.Generic;

namespace BootProtocol.Generators.Syntax;

/// <summary>How a number is computed: its parts in the order in which a stack takes them, operators behind their operands.</summary>
/// <param name="Parts">Numbers, names and operators.</param>
/// <param name="Text">The formula as it was written, blanks folded.</param>
internal sealed record FormulaSyntax(IReadOnlyList<FormulaPart> Parts, string Text);

/// <summary>A part of a formula: a number where <paramref name="Number"/> is one, else a name or an operator.</summary>
internal readonly record struct FormulaPart(string Text, ulong? Number, bool IsName, SourceRange Range);
