using System.Collections.Immutable;
using System.Text.RegularExpressions;
using BootProtocol.CodeFixes;
using BootProtocol.Testing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Text;

namespace BootProtocol.Generators.Tests;

/// <summary>The text that a message names is put where it belongs, as an editor does it.</summary>
public sealed partial class CodeFixTests
{
    private static readonly (string Name, string Text, ImmutableArray<Diagnostic> Diagnostics)[] _files =
    [
        .. Directory.GetFiles(Repository.File("tests", "Generators.Tests", "BadSpecs"), "*.bootspec")
            .Order(StringComparer.Ordinal)
            .Select(static path => (Name: Path.GetFileName(path), Text: File.ReadAllText(path)))
            .Select(static file => (file.Name, file.Text, Diagnose(file.Name, file.Text))),
    ];

    public static TheoryData<string> Files => [.. _files.Where(static file => Mendable(file.Diagnostics).Any()).Select(static file => file.Name)];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Mended_spec_no_longer_gets_the_message(string name)
    {
        (_, string text, ImmutableArray<Diagnostic> diagnostics) = _files.Single(file => file.Name == name);
        foreach (Diagnostic diagnostic in Mendable(diagnostics))
        {
            string mended = await Apply(name, text, diagnostic);
            LinePositionSpan place = diagnostic.Location.GetLineSpan().Span;
            TextSpan span = SourceText.From(text).Lines.GetTextSpan(place);
            string replacement = diagnostic.Properties["Replacement"]!;
            Assert.Equal($"{text[..span.Start]}{replacement}{text[span.End..]}", mended);
            Assert.DoesNotContain(
                Diagnose(name, mended),
                other => other.Id == diagnostic.Id && other.Location.GetLineSpan().StartLinePosition == place.Start);
        }
    }

    [Theory]
    [InlineData("struct thing", "strukt thing", "strukt")]
    [InlineData("  0  u32  a  read obligatory | A.", "  0  u32  a  read obligatry | A.", "obligatry")]
    [InlineData("  4  char[inner.length]  name | N.", "  4  char[inner.lenght]  name | N.", "inner.lenght")]
    [InlineData("  0x4  u32  b | B.", "  0x5  u32  b | B.", "0x5")]
    [InlineData("  .  thing[4]  list | L.", "  .  thign[4]  list | L.", "thign")]
    public async Task Right_text_is_written_in_place_of_the_wrong_one(string right, string wrong, string word)
    {
        string text = wrong switch
        {
            _ when wrong.StartsWith("strukt", StringComparison.Ordinal) => $"protocol demo little | D.\n{wrong} | T.\n  0  u8  a | A.\n",
            _ when wrong.Contains("inner", StringComparison.Ordinal) =>
                $"protocol demo little | D.\nstruct inner | I.\n  0  u32  length | L.\nstruct thing | T.\n  0  inner  inner | I.\n{wrong}\n",
            _ when wrong.Contains("list", StringComparison.Ordinal) =>
                $"protocol demo little | D.\nstruct thing | T.\n  0  u32  a | A.\nstruct other | O.\n{wrong}\n",
            _ when wrong.Contains("  b ", StringComparison.Ordinal) => $"protocol demo little | D.\nstruct thing packed | T.\n  0  u32  a | A.\n{wrong}\n",
            _ => $"protocol demo little | D.\nstruct thing | T.\n{wrong}\n",
        };
        Diagnostic diagnostic = Assert.Single(Mendable(Diagnose("own.bootspec", text)));
        Assert.Equal(word, SourceText.From(text).ToString(SourceText.From(text).Lines.GetTextSpan(diagnostic.Location.GetLineSpan().Span)));
        string mended = await Apply("own.bootspec", text, diagnostic);
        Assert.Equal(text.Replace(wrong, right, StringComparison.Ordinal), mended);
        Assert.Empty(Diagnose("own.bootspec", mended));
    }

    [Fact]
    public void Messages_that_can_have_a_text_are_those_that_are_offered()
    {
        IEnumerable<string> known = _files.SelectMany(static file => Mendable(file.Diagnostics)).Select(static diagnostic => diagnostic.Id);
        Assert.Equal(known.Distinct().Order(StringComparer.Ordinal), new BootSpecCodeFix().FixableDiagnosticIds.Order(StringComparer.Ordinal));
    }

    /// <summary>A message that asks for another name, or says what to write, has that as its text.</summary>
    [Fact]
    public void What_a_message_names_is_offered()
    {
        foreach (Diagnostic diagnostic in _files.SelectMany(static file => file.Diagnostics))
        {
            Match named = Named().Match(diagnostic.GetMessage());
            Assert.Equal(named.Success ? named.Groups[1].Value : null, diagnostic.Properties.GetValueOrDefault("Replacement"));
        }
    }

    [GeneratedRegex(@"(?:did you mean '|; write '?)(0x[0-9a-f]+|\d[\d.]*-\d[\d.]*|\.|\w+(?=\'\?))")]
    private static partial Regex Named();

    private static ImmutableArray<Diagnostic> Diagnose(string file, string text) => new GeneratorRun((file, text)).Result.Diagnostics;

    private static IEnumerable<Diagnostic> Mendable(IEnumerable<Diagnostic> diagnostics) =>
        diagnostics.Where(static diagnostic => diagnostic.Properties.ContainsKey("Replacement"));

    /// <summary>What the file holds after the one action that is offered for a diagnostic.</summary>
    private static async Task<string> Apply(string file, string text, Diagnostic diagnostic)
    {
        using var workspace = new AdhocWorkspace();
        ProjectId project = ProjectId.CreateNewId();
        DocumentId id = DocumentId.CreateNewId(project);
        Solution solution = workspace.CurrentSolution
            .AddProject(project, "Specs", "Specs", LanguageNames.CSharp)
            .AddAdditionalDocument(id, file, SourceText.From(text), filePath: file);
        var actions = new List<CodeAction>();
        TextDocument document = solution.GetAdditionalDocument(id)!;
        var context = new CodeFixContext(document, diagnostic.Location.SourceSpan, [diagnostic], (action, _) => actions.Add(action), CancellationToken.None);
        await new BootSpecCodeFix().RegisterCodeFixesAsync(context);
        ImmutableArray<CodeActionOperation> operations = await Assert.Single(actions).GetOperationsAsync(CancellationToken.None);
        Solution changed = Assert.IsType<ApplyChangesOperation>(Assert.Single(operations)).ChangedSolution;
        return (await changed.GetAdditionalDocument(id)!.GetTextAsync()).ToString();
    }
}
