using BootProtocol.Cli.OwnSpecs;
using BootProtocol.Generators.Binding;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Cli.LanguageServer;

/// <summary>Something wrong with a document, or advice on it.</summary>
/// <param name="Range">The place.</param>
/// <param name="Code">The number of the message; null for what is wrong with the whole file.</param>
/// <param name="IsAdvice">Whether the spec is right all the same.</param>
/// <param name="Message">What is wrong.</param>
internal sealed record DocumentProblem(SourceRange Range, string? Code, bool IsAdvice, string Message)
{
    /// <summary>All that can be said of a document.</summary>
    /// <param name="document">The document.</param>
    /// <param name="scope">The specs that it is read with.</param>
    public static IReadOnlyList<DocumentProblem> Of(OpenDocument document, SpecScope scope)
    {
        if (document.IsTooLarge)
            return [new DocumentProblem(default, null, false, $"This is no spec: it has more than {SpecFiles.LargestFile} characters")];
        IEnumerable<SpecProblem> wrong = scope.Bound.Problems.Where(problem => problem.Path == document.Path).Select(static problem => problem.Problem);
        return [.. wrong.Concat(SpecAdvice.Of(document.File)).Select(Of)];
    }

    private static DocumentProblem Of(SpecProblem problem) =>
        new(problem.Range, problem.Descriptor.Id, problem.Descriptor.IsAdvice, problem.Message);
}
