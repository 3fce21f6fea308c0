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

    /// <summary>Adds a problem that a text in place of what stands there mends.</summary>
    /// <param name="descriptor">The message.</param>
    /// <param name="range">What the text would replace.</param>
    /// <param name="replacement">The text; null where it is not known.</param>
    /// <param name="arguments">What the message is filled with.</param>
    public void AddMendable(SpecDescriptor descriptor, SourceRange range, string? replacement, params string[] arguments)
        => _problems.Add(new SpecProblem(descriptor, range, new EquatableArray<string>(arguments), replacement));

    /// <summary>Adds a problem with a name that was probably meant to be another, which ends the message.</summary>
    /// <param name="descriptor">The message.</param>
    /// <param name="range">Where the name stands.</param>
    /// <param name="near">The other name; null where none is near enough.</param>
    /// <param name="arguments">What the message is filled with in front of that.</param>
    public void AddNear(SpecDescriptor descriptor, SourceRange range, string? near, params string[] arguments)
        => AddMendable(descriptor, range, near, [.. arguments, NearName.Hint(near)]);

    /// <summary>Says that a C# name has another owner.</summary>
    /// <param name="range">Where the name comes from.</param>
    /// <param name="name">The spec's own name.</param>
    /// <param name="csharpName">What it becomes.</param>
    /// <param name="taker">What has that name already.</param>
    /// <param name="canRename">Whether 'as' can stand there.</param>
    public void AddTaken(SourceRange range, string name, string csharpName, string taker, bool canRename = true)
        => Add(SpecDescriptors.NameTaken, range, name, csharpName, taker, canRename ? "with 'as'" : "name");
}
