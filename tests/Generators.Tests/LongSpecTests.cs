using BootProtocol.Testing;
using Microsoft.CodeAnalysis;

namespace BootProtocol.Generators.Tests;

/// <summary>Specs that are long in one way or another: what is generated compiles, and is as long as they are.</summary>
public sealed class LongSpecTests
{
    private const string Protocol = "protocol demo  little | Demo.\n";

    /// <summary>Numbers that are computed of numbers that are computed, over and over: as long as the spec, not as many as there are ways.</summary>
    [Fact]
    public void A_long_chain_of_computed_numbers_compiles()
    {
        IEnumerable<string> rows = Enumerable.Range(1, 60).Select(row => $"  let n{row} = n{row - 1} - n{row - 1} | {row}.\n");
        string spec = $"{Protocol}struct thing | A chain.\n  .  u32  a | A number.\n  let n0 = a | 0.\n{string.Concat(rows)}";
        var run = new GeneratorRun(("chain.bootspec", spec));
        Assert.Empty(run.Messages);
        Assert.Empty(run.Compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(d => d.ToString()));
    }

    /// <summary>Rows behind one of varying size, each of which starts where the one above ends.</summary>
    [Fact]
    [Needs(Need.Time)]
    public void Many_rows_without_a_fixed_place_compile()
    {
        IEnumerable<string> rows = Enumerable.Range(1, 2_000).Select(row => $"  .  u{8 << (row % 3)}  n{row} | {row}.\n");
        string spec = $"{Protocol}struct thing | Many rows.\n  .  u8  a | A number.\n  .  bytes[a]  b | Bytes.\n{string.Concat(rows)}";
        var run = new GeneratorRun(("many.bootspec", spec));
        Assert.Empty(run.Messages);
        Assert.Empty(run.Compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(d => d.ToString()));
        Assert.InRange(run.Source("Demo.Demo.Thing.g.cs").Length, 1, 6_000_000);
    }
}
