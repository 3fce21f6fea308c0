using System.Collections.Generic;
using BootProtocol.Generators.Model;
using BootProtocol.Generators.Syntax;
using Microsoft.CodeAnalysis;

namespace BootProtocol.Generators.Diagnostics;

/// <summary>Collects what is wrong with a file.</summary>
internal sealed class ProblemList
{
    private readonly List<SpecProblem> _problems = [];

    public IReadOnlyList<SpecProblem> Problems => _problems;

    public void Add(DiagnosticDescriptor descriptor, SourceRange range, params string[] arguments)
        => _problems.Add(new SpecProblem(descriptor, range, new EquatableArray<string>(arguments)));
}
