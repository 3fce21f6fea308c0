using System.Collections.Immutable;
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
        foreach (SpecProblem problem in SpecAdvice.Of(file))
            context.ReportDiagnostic(SpecDiagnostics.Create(new FileProblem(file.Path, problem)));
    }
}
