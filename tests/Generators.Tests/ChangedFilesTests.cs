using Microsoft.CodeAnalysis;

namespace BootProtocol.Generators.Tests;

/// <summary>A spec file that goes, comes or gets another name between two builds: what was made of it goes with it.</summary>
public sealed class ChangedFilesTests
{
    private const string First = "protocol one  little | One.\nstruct outer | Outer.\n  .  inner  a | A.\n";
    private const string Second = "protocol two  big | Two.\nstruct inner | Inner.\n  .  u16  a | A.\n";

    [Fact]
    public void A_file_that_goes_takes_its_types_along_and_is_missed()
    {
        var run = new GeneratorRun(("first.bootspec", First), ("second.bootspec", Second));
        Assert.Equal(["Demo.One.Outer.g.cs", "Demo.Two.Inner.g.cs", "SpecCatalog.g.cs"], Sources(run));
        run.Remove("second.bootspec");
        Assert.Equal("first.bootspec(3,6): error BPS3003: 'inner' is no type", Assert.Single(run.Messages));
        Assert.Equal(["SpecCatalog.g.cs"], Sources(run));
        AssertCompiles(run);
        run.Add("third.bootspec", Second);
        Assert.Empty(run.Messages);
        Assert.Equal(["Demo.One.Outer.g.cs", "Demo.Two.Inner.g.cs", "SpecCatalog.g.cs"], Sources(run));
        AssertCompiles(run);
    }

    [Fact]
    public void A_file_with_another_name_changes_the_places_of_messages_alone()
    {
        string broken = Second + "  .  u8  a | Twice.\n";
        var run = new GeneratorRun(("second.bootspec", broken));
        string before = run.Source("Demo.Two.Inner.g.cs");
        Assert.Equal("second.bootspec(4,10): error BPS3002: 'inner' has a row named 'a' already", Assert.Single(run.Messages));
        run.Remove("second.bootspec");
        run.Add("renamed.bootspec", broken);
        Assert.Equal("renamed.bootspec(4,10): error BPS3002: 'inner' has a row named 'a' already", Assert.Single(run.Messages));
        Assert.Equal(before, run.Source("Demo.Two.Inner.g.cs"));
    }

    [Fact]
    public void The_last_file_leaves_nothing_behind()
    {
        var run = new GeneratorRun(("second.bootspec", Second));
        run.Remove("second.bootspec");
        Assert.Empty(run.Messages);
        Assert.Empty(run.Result.GeneratedSources);
        AssertCompiles(run);
    }

    /// <summary>A second file with the same types, as an editor's backup is one: its own types are refused, at their places.</summary>
    [Fact]
    public void A_copy_is_refused_until_it_goes()
    {
        var run = new GeneratorRun(("second.bootspec", Second));
        run.Add("second-copy.bootspec", Second);
        Assert.Equal("second.bootspec(2,8): error BPS3001: 'inner' is declared already, in second-copy.bootspec line 2", Assert.Single(run.Messages));
        AssertCompiles(run);
        run.Remove("second-copy.bootspec");
        Assert.Empty(run.Messages);
    }

    private static IEnumerable<string> Sources(GeneratorRun run) => run.Result.GeneratedSources.Select(source => source.HintName).Order();

    private static void AssertCompiles(GeneratorRun run)
    {
        Assert.Null(run.Result.Exception);
        Assert.Empty(run.Compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(d => d.ToString()));
    }
}
