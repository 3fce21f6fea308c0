using System.Collections.Immutable;
using BootProtocol.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace BootProtocol.Generators.Tests;

/// <summary>Runs the generator on spec texts, as the compiler would, and keeps the driver so that a second run can follow.</summary>
internal sealed class GeneratorRun
{
    private GeneratorDriver _driver;
    private ImmutableArray<AdditionalText> _files;

    public GeneratorRun(params (string Name, string Text)[] files)
        : this(TestOptions.Own, files)
    {
    }

    public GeneratorRun(AnalyzerConfigOptionsProvider options, params (string Name, string Text)[] files)
    {
        _files = [.. files.Select(file => (AdditionalText)new SpecText(file.Name, file.Text))];
        _driver = CSharpGeneratorDriver.Create(
            [new BootSpecGenerator().AsSourceGenerator()],
            _files,
            new CSharpParseOptions(LanguageVersion.CSharp14),
            options,
            new GeneratorDriverOptions(default, trackIncrementalGeneratorSteps: true));
        Run();
    }

    /// <summary>The compilation, with what was generated.</summary>
    public Compilation Compilation { get; private set; } = Empty();

    public GeneratorRunResult Result => _driver.GetRunResult().Results.Single();

    public IEnumerable<string> Messages => Result.Diagnostics.Select(Line);

    public string Source(string name)
        => Result.GeneratedSources.Single(source => source.HintName == name).SourceText.ToString();

    /// <summary>Runs again with one file changed.</summary>
    public void Change(string name, string text)
    {
        AdditionalText old = _files.Single(file => file.Path == name);
        var changed = new SpecText(name, text);
        _files = _files.Replace(old, changed);
        _driver = _driver.ReplaceAdditionalText(old, changed);
        Run();
    }

    /// <summary>Runs again without one of the files.</summary>
    public void Remove(string name)
    {
        AdditionalText old = _files.Single(file => file.Path == name);
        _files = _files.Remove(old);
        _driver = _driver.RemoveAdditionalTexts([old]);
        Run();
    }

    /// <summary>Runs again with one more file.</summary>
    public void Add(string name, string text)
    {
        var added = new SpecText(name, text);
        _files = _files.Add(added);
        _driver = _driver.AddAdditionalTexts([added]);
        Run();
    }

    /// <summary>Runs again after an edit of C# that has nothing to do with specs.</summary>
    public void EditCSharp()
    {
        SyntaxTree tree = CSharpSyntaxTree.ParseText("class Edited { }", new CSharpParseOptions(LanguageVersion.CSharp14));
        _driver = _driver.RunGeneratorsAndUpdateCompilation(Empty().AddSyntaxTrees(tree), out Compilation updated, out _);
        Compilation = updated;
    }

    /// <summary>What the last run did for the steps that sources hang on.</summary>
    public IEnumerable<(string Step, IncrementalStepRunReason Reason)> OutputReasons
        => StepNames.Outputs.SelectMany(step => Reasons(step).Select(reason => (step, reason)));

    public IEnumerable<IncrementalStepRunReason> Reasons(string step)
        => Result.TrackedSteps.TryGetValue(step, out ImmutableArray<IncrementalGeneratorRunStep> runs)
            ? runs.SelectMany(run => run.Outputs).Select(output => output.Reason)
            : [];

    /// <summary>A diagnostic as the compiler would print it, without the folder.</summary>
    public static string Line(Diagnostic diagnostic)
    {
        FileLinePositionSpan place = diagnostic.Location.GetLineSpan();
        LinePosition start = place.StartLinePosition;
        string severity = diagnostic.Severity == DiagnosticSeverity.Error ? "error" : "warning";
        return $"{place.Path}({start.Line + 1},{start.Character + 1}): {severity} {diagnostic.Id}: {diagnostic.GetMessage()}";
    }

    /// <summary>What the adviser says of the files.</summary>
    public async Task<IEnumerable<string>> Advice()
    {
        var options = new AnalyzerOptions(_files, TestOptions.Own);
        CompilationWithAnalyzers analysis = Empty().WithAnalyzers([new BootSpecAdviser()], options);
        ImmutableArray<Diagnostic> diagnostics = await analysis.GetAnalyzerDiagnosticsAsync();
        return diagnostics.OrderBy(diagnostic => diagnostic.Location.GetLineSpan().StartLinePosition).Select(Line);
    }

    private void Run()
    {
        _driver = _driver.RunGeneratorsAndUpdateCompilation(Empty(), out Compilation updated, out _);
        Compilation = updated;
    }

    private static CSharpCompilation Empty()
        => CSharpCompilation.Create(
            "Specs",
            references: References.All,
            options: new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    private sealed class SpecText(string path, string text) : AdditionalText
    {
        public override string Path => path;

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
    }
}
