using System.Linq;
using BootProtocol.Generators.Binding;
using BootProtocol.Generators.Syntax;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace BootProtocol.Generators.Diagnostics;

/// <summary>Makes the compiler's diagnostics of our problems.</summary>
internal static class SpecDiagnostics
{
    public static Diagnostic Create(FileProblem problem)
    {
        SourceRange range = problem.Problem.Range;
        var lines = new LinePositionSpan(
            new LinePosition(range.Line, range.Column),
            new LinePosition(range.Line, range.Column + range.Length));
        var location = Location.Create(problem.Path, new TextSpan(0, 0), lines);
        return Diagnostic.Create(problem.Problem.Descriptor, location, problem.Problem.Arguments.ToArray<object>());
    }
}
