using BootProtocol.Generators.Syntax;

namespace BootProtocol.Cli.OwnSpecs;

/// <summary>A block and where it stands.</summary>
/// <param name="Block">The block.</param>
/// <param name="Path">The file; null for a shipped one.</param>
internal sealed record SpecDeclaration(BlockSyntax Block, string? Path);
