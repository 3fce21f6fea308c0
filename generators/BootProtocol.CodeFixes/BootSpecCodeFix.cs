using System.Collections.Immutable;
using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using BootProtocol.Generators;
using BootProtocol.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Text;

namespace BootProtocol.CodeFixes;

/// <summary>Offers to write what a message about a spec file names, in place of what stands there.</summary>
[ExportCodeFixProvider(
    LanguageNames.CSharp,
    Name = nameof(BootSpecCodeFix),
    DocumentKinds = [nameof(TextDocumentKind.AdditionalDocument)],
    DocumentExtensions = [SpecInput.Extension])]
[Shared]
public sealed class BootSpecCodeFix : CodeFixProvider
{
    private static readonly SpecDescriptor[] Mendable =
    [
        SpecDescriptors.UnknownBlock, SpecDescriptors.UnknownRowWord, SpecDescriptors.UnknownHeadWord, SpecDescriptors.Overlap, SpecDescriptors.Gap,
        SpecDescriptors.WrongStart, SpecDescriptors.Misplaced, SpecDescriptors.NoAlternative, SpecDescriptors.UnknownType, SpecDescriptors.UnknownField,
        SpecDescriptors.UnknownValue, SpecDescriptors.UnknownRow, SpecDescriptors.UnknownFunction, SpecDescriptors.UnknownRows,
        SpecDescriptors.GateReversed,
    ];

    /// <inheritdoc />
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [.. Mendable.Select(message => message.Id)];

    /// <summary>Each mistake is looked at: the same word may have been meant otherwise elsewhere.</summary>
    public override FixAllProvider? GetFixAllProvider() => null;

    /// <inheritdoc />
    public override Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            if (!diagnostic.Properties.TryGetValue(SpecDiagnostics.Replacement, out string? replacement) || replacement is null)
                continue;
            TextDocument document = context.TextDocument;
            LinePositionSpan lines = diagnostic.Location.GetLineSpan().Span;
            string title = $"Write '{replacement}'";
            context.RegisterCodeFix(CodeAction.Create(title, cancel => ReplaceAsync(document, lines, replacement, cancel), title), diagnostic);
        }

        return Task.CompletedTask;
    }

    private static async Task<Solution> ReplaceAsync(TextDocument document, LinePositionSpan lines, string replacement, CancellationToken cancel)
    {
        SourceText text = await document.GetTextAsync(cancel).ConfigureAwait(false);
        SourceText mended = text.WithChanges(new TextChange(text.Lines.GetTextSpan(lines), replacement));
        return document.Project.Solution.WithAdditionalDocumentText(document.Id, mended);
    }
}
