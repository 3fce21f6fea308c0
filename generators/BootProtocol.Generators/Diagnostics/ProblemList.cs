using System.Collections.Generic;
using BootProtocol.Generators.Model;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Diagnostics;

/// <summary>Collects what is wrong with a file.</summary>
internal sealed class ProblemList
{
    private readonly List<SpecProblem> _problems = [];

    public IReadOnlyList<SpecProblem> Problems => _problems;

    public void Add(SpecDescriptor descriptor, SourceRange range, params string[] arguments)
        => _problems.Add(new SpecProblem(descriptor, range, new EquatableArray<string>(arguments)));

    /// <summary>Says that a C# name has another owner.</summary>
    /// <param name="range">Where the name comes from.</param>
    /// <param name="name">The spec's own name.</param>
    /// <param name="csharpName">What it becomes.</param>
    /// <param name="taker">What has that name already.</param>
    /// <param name="canRename">Whether 'as' can stand there.</param>
    public void AddTaken(SourceRange range, string name, string csharpName, string taker, bool canRename = true)
        => Add(SpecDescriptors.NameTaken, range, name, csharpName, taker, canRename ? "with 'as'" : "name");
}
