using System.Collections.Immutable;
using System.Linq;
using BootProtocol.Generators.Binding;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Syntax;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace BootProtocol.Generators;

/// <summary>Makes the compiler's diagnostics of our problems.</summary>
internal static class SpecDiagnostics
{
    /// <summary>The property of a diagnostic with the text that mends what is wrong, in place of what stands there.</summary>
    public const string Replacement = nameof(Replacement);

    private const string Category = "BootSpec";

    /// <summary>A message as the compiler knows it. Equal ones compare as equal.</summary>
    public static DiagnosticDescriptor Describe(SpecDescriptor message) => new(
        message.Id,
        message.Title,
        message.Format,
        Category,
        message.IsAdvice ? DiagnosticSeverity.Warning : DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: HelpLink.Of(message.Id));

    public static Diagnostic Create(FileProblem problem)
    {
        SourceRange range = problem.Problem.Range;
        var lines = new LinePositionSpan(
            new LinePosition(range.Line, range.Column),
            new LinePosition(range.Line, range.Column + range.Length));
        var location = Location.Create(problem.Path, new TextSpan(0, 0), lines);
        ImmutableDictionary<string, string?> properties = problem.Problem.Replacement is { } text
            ? ImmutableDictionary<string, string?>.Empty.Add(Replacement, text)
            : ImmutableDictionary<string, string?>.Empty;
        return Diagnostic.Create(Describe(problem.Problem.Descriptor), location, properties, problem.Problem.Arguments.ToArray<object>());
    }
}
