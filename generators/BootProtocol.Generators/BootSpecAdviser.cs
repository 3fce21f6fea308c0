using System.Collections.Immutable;
using System.Linq;
using BootProtocol.Generators.Binding;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Syntax;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace BootProtocol.Generators;

/// <summary>Advises on spec files that are right but could be better; what is wrong in them is the generator's to say.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class BootSpecAdviser : DiagnosticAnalyzer
{
    /// <inheritdoc />
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [SpecDiagnostics.Describe(SpecDescriptors.NoDoc), SpecDiagnostics.Describe(SpecDescriptors.NoAccess)];

    /// <inheritdoc />
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterAdditionalFileAction(Advise);
    }

    private static void Advise(AdditionalFileAnalysisContext context)
    {
        if (!SpecInput.IsSpec(context.AdditionalFile))
            return;
        SpecOptions options = SpecOptions.Of(context.AdditionalFile, context.Options.AnalyzerConfigOptionsProvider);
        if (options.IsImport)
            return;
        SpecFile file = new SpecInput(context.AdditionalFile, options).Parse(context.CancellationToken).File;
        var problems = new ProblemList();
        foreach (BlockSyntax block in file.Blocks)
            Advise(block, problems);
        foreach (SpecProblem problem in problems.Problems)
            context.ReportDiagnostic(SpecDiagnostics.Create(new FileProblem(file.Path, problem)));
    }

    private static void Advise(BlockSyntax block, ProblemList problems)
    {
        if (block.Doc.Length == 0)
            problems.Add(SpecDescriptors.NoDoc, block.Name.Range, block.Name.Value);
        RowSyntax?[] rows = block switch
        {
            StructSyntax structure => [.. structure.Written],
            EnumSyntax enumeration => [.. enumeration.Rows],
            NotesSyntax notes => [.. notes.Rows],
            _ => [],
        };
        bool hasAccess = block is StructSyntax && rows.Any(row => row?.Access.Count > 0);
        foreach (RowSyntax row in rows.OfType<RowSyntax>().Where(row => row.Name.Value.Length > 0))
        {
            if (row.Doc.Length == 0)
                problems.Add(SpecDescriptors.NoDoc, row.Name.Range, row.Name.Value);
            if (hasAccess && row.Access.Count == 0 && row is not LetRow)
                problems.Add(SpecDescriptors.NoAccess, row.Name.Range, row.Name.Value, block.Name.Value);
        }
    }
}
