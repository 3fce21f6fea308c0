using BootProtocol.Cli.OwnSpecs;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Cli.LanguageServer;

/// <summary>A name in a spec and what it stands for: a block, a row of one, or a type that the language has.</summary>
/// <param name="Range">The name.</param>
/// <param name="Name">The name's text.</param>
/// <param name="Declaration">The block; null for a type that the language has.</param>
/// <param name="Row">The row; null for the block itself.</param>
internal sealed record FoundName(SourceRange Range, string Name, SpecDeclaration? Declaration, RowSyntax? Row);
