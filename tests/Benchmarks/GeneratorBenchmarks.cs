using System.Collections.Immutable;
using BenchmarkDotNet.Attributes;
using BootProtocol.Generators;
using BootProtocol.Testing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace BootProtocol.Benchmarks;

/// <summary>What the generator costs a build or an editor, on all specs of the library.</summary>
[MemoryDiagnoser]
public class GeneratorBenchmarks
{
    private const string Edited = "linux-x86.bootspec";

    private static readonly CSharpParseOptions _options = new(LanguageVersion.CSharp14);

    private ImmutableArray<AdditionalText> _files;
    private AdditionalText _original = null!;
    private AdditionalText _withComment = null!;
    private AdditionalText _withRow = null!;
    private CSharpCompilation _before = null!;
    private CSharpCompilation _after = null!;
    private GeneratorDriver _warm = null!;

    [GlobalSetup]
    public void Setup()
    {
        _files =
        [
            .. Directory.GetFiles(Repository.File("spec"), "*.bootspec")
                .Order(StringComparer.Ordinal)
                .Select(path => new SpecFile(Path.GetFileName(path), File.ReadAllText(path))),
        ];
        _original = _files.Single(file => file.Path == Edited);
        string text = _original.GetText()!.ToString();
        _withComment = new SpecFile(Edited, "# A comment, which moves all rows.\n" + text);
        _withRow = new SpecFile(Edited, text + "  9  ANOTHER  | A row more at the end of the last block.\n");
        _before = CSharpCompilation.Create("Specs", [CSharpSyntaxTree.ParseText("class Edited { }", _options)]);
        _after = _before.ReplaceSyntaxTree(_before.SyntaxTrees[0], CSharpSyntaxTree.ParseText("class Edited { int x; }", _options));
        _warm = Cold();
        GeneratorDriverRunResult result = _warm.GetRunResult();
        if (result.GeneratedTrees.Length < 100 || !result.Diagnostics.IsEmpty)
            throw new InvalidOperationException("The specs did not generate.");
    }

    /// <summary>The first run: everything is parsed, bound and emitted.</summary>
    [Benchmark(Baseline = true)]
    public GeneratorDriver Cold() =>
        CSharpGeneratorDriver.Create([new BootSpecGenerator().AsSourceGenerator()], _files, _options).RunGenerators(_before);

    /// <summary>A key pressed in C#.</summary>
    [Benchmark]
    public GeneratorDriver EditOfCSharp() => _warm.RunGenerators(_after);

    /// <summary>A comment in the largest spec: all is parsed and bound, nothing is emitted.</summary>
    [Benchmark]
    public GeneratorDriver Comment() => _warm.ReplaceAdditionalText(_original, _withComment).RunGenerators(_before);

    /// <summary>A new row: one type is emitted again.</summary>
    [Benchmark]
    public GeneratorDriver NewRow() => _warm.ReplaceAdditionalText(_original, _withRow).RunGenerators(_before);
}
