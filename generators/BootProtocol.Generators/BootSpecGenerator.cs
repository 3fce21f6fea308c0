using System.Collections.Immutable;
using System.Linq;
using System.Text;
using BootProtocol.Generators.Binding;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Emit;
using BootProtocol.Generators.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace BootProtocol.Generators;

/// <summary>Generates views, writers and field tables from the <c>*.bootspec</c> files of a compilation.</summary>
/// <remarks>
/// No step looks at the C# of the compilation, so editing C# runs nothing. Parsing and binding carry places in the files and
/// run on any change of a spec; their models carry none, so that a change which only moves rows (a comment, say) ends there and
/// every source stays cached.
/// </remarks>
[Generator(LanguageNames.CSharp)]
public sealed class BootSpecGenerator : IIncrementalGenerator
{
    /// <inheritdoc />
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValueProvider<ImmutableArray<SpecSource>> sources = context.AdditionalTextsProvider
            .Where(SpecInput.IsSpec)
            .Combine(context.AnalyzerConfigOptionsProvider)
            // The options of all files are one object: only what concerns this file may go on, or any option would run everything.
            .Select(static (pair, _) => new SpecInput(pair.Left, SpecOptions.Of(pair.Left, pair.Right)))
            .WithTrackingName(StepNames.Inputs)
            .Select(static (input, cancel) => input.Parse(cancel))
            .WithTrackingName(StepNames.Parse)
            .Collect();
        IncrementalValueProvider<BindResult> bound = sources
            .Select(static (all, _) => SpecBinder.Bind(all))
            .WithTrackingName(StepNames.Bind);

        context.RegisterSourceOutput(
            bound.SelectMany(static (result, _) => result.Structures).WithTrackingName(StepNames.Structures),
            static (output, model) => Add(output, model.HintName, StructEmitter.Emit(model)));
        context.RegisterSourceOutput(
            bound.SelectMany(static (result, _) => result.Choices).WithTrackingName(StepNames.Choices),
            static (output, model) => Add(output, model.HintName, ChoiceEmitter.Emit(model)));
        context.RegisterSourceOutput(
            bound.SelectMany(static (result, _) => result.Enumerations).WithTrackingName(StepNames.Enumerations),
            static (output, model) => Add(output, model.HintName, EnumEmitter.Emit(model)));
        context.RegisterSourceOutput(
            bound.SelectMany(static (result, _) => result.Notes).WithTrackingName(StepNames.Notes),
            static (output, model) => Add(output, model.HintName, NotesEmitter.Emit(model)));
        context.RegisterSourceOutput(
            bound.Select(static (result, _) => result.Catalog).WithTrackingName(StepNames.Catalog),
            static (output, model) =>
            {
                if (model is not null)
                    Add(output, "SpecCatalog.g.cs", CatalogEmitter.Emit(model));
            });
        context.RegisterSourceOutput(
            bound.Select(static (result, _) => new EquatableArray<FileProblem>(result.Problems)).WithTrackingName(StepNames.Problems),
            static (output, problems) =>
            {
                foreach (FileProblem problem in problems)
                    output.ReportDiagnostic(SpecDiagnostics.Create(problem));
            });
    }

    private static void Add(SourceProductionContext output, string hintName, string source)
        => output.AddSource(hintName, SourceText.From(source, Encoding.UTF8));
}
