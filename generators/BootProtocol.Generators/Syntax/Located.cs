namespace BootProtocol.Generators.Syntax;

/// <summary>A value and the place in the spec file that it was read from.</summary>
internal readonly record struct Located<T>(T Value, SourceRange Range);
