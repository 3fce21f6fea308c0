using System.Collections.Immutable;
using System.Reflection;
using BootProtocol.Generators.Tests;
using BootProtocol.Layout.Tests.Proof;
using BootProtocol.Layout.Tests.Tables;
using BootProtocol.Specs;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Emit;

namespace BootProtocol.Layout.Tests;

/// <summary>A row that is added to a spec is held against C with no other change.</summary>
public sealed class AddedFieldTests
{
    private const string LastRow = "  0x268  u32                   kernel_info_offset ";

    private static readonly Lazy<SpecIndex> Changed = new(WithAddedRow);

    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    public void Added_row_is_asserted(int bits)
    {
        var plan = new ProofPlan(Changed.Value, TwinSet.Shipped, bits);
        Assertion[] assertions = [.. plan.Proofs.SelectMany(proof => proof.Assertions)];
        Assertion assertion = Assert.Single(assertions, assertion => assertion.Name == "setup_header.added_field");
        Assert.Equal(
            """
            _Static_assert(offsetof(twin_setup_header, added_field) == 0x7b, "setup_header.added_field: the offset is not 0x7b");
            _Static_assert(sizeof(((twin_setup_header *)0)->added_field) == 4, "setup_header.added_field: the size is not 4");
            """,
            assertion.Code);
        Assert.Equal(Proved.Plan(bits).Proofs.Sum(proof => proof.Assertions.Length) + 1, assertions.Length);

        // The kernel has no such field, and gcc says so.
        TableProof linux = plan.Proofs.Single(proof => proof.Assertions.Contains(assertion));
        Assert.Contains("has no member named 'added_field'", new CCompiler().Complaint(linux.Source, bits), StringComparison.Ordinal);
    }

    /// <summary>The field tables of the shipped specs with one more row at the end of setup_header: generated, compiled and loaded.</summary>
    private static SpecIndex WithAddedRow()
    {
        (string Name, string Text)[] files = [.. ShippedSpecs.All.Select(file => (file.Name, Change(file.Text)))];
        var run = new GeneratorRun(files);
        Assert.Empty(run.Messages);
        using var stream = new MemoryStream();
        EmitResult emitted = run.Compilation.Emit(stream);
        Assert.Empty(emitted.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        Type catalog = Assembly.Load(stream.ToArray()).GetType("Demo.SpecCatalog")!;
        return new SpecIndex(List<SpecStructure>("Structures"), List<SpecEnumeration>("Enumerations"), List<SpecNotes>("Notes"));

        ImmutableArray<T> List<T>(string property) => (ImmutableArray<T>)catalog.GetProperty(property)!.GetValue(null)!;
    }

    private static string Change(string text)
    {
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        int last = Array.FindIndex(lines, line => line.StartsWith(LastRow, StringComparison.Ordinal));
        if (last < 0)
            return text;
        return string.Join('\n', [.. lines[..(last + 1)], "  0x26c  u32  added_field  2.15+  read  | Added.", .. lines[(last + 1)..]]);
    }
}
