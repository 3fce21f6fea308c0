using BootProtocol.Generators.Model;
using BootProtocol.Generators.Syntax;
using Microsoft.CodeAnalysis;

namespace BootProtocol.Generators.Diagnostics;

/// <summary>Something wrong in a spec file, as a value: which rule, where, and what its message is filled with.</summary>
internal sealed record SpecProblem(DiagnosticDescriptor Descriptor, SourceRange Range, EquatableArray<string> Arguments);
