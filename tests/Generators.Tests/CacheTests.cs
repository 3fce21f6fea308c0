using BootProtocol.Testing;
using Microsoft.CodeAnalysis;

namespace BootProtocol.Generators.Tests;

/// <summary>What a change of a spec or of C# makes the generator do again.</summary>
public sealed class CacheTests
{
    private const string Spec = """
        protocol demo  little  versions 2.00-2.15   | Demo.
        struct thing  gate version                  | A thing.
          0  u16    version                         | Version.
          2  marks  flags  2.05+                    | Flags.
        struct other                                | Another.
          0  u32  a                                 | A number.
        choice body : u8                            | What a number chooses.
          1  other                                  | Another.
        flags marks : u8                            | Marks.
          0  FIRST                                  | The first.
        notes demo_notes owner "Demo"               | Notes.
          1 u32 NUMBER                              | A number.
        """;

    private static readonly IncrementalStepRunReason[] Kept = [IncrementalStepRunReason.Cached, IncrementalStepRunReason.Unchanged];

    [Fact]
    public void Comment_that_moves_every_row_regenerates_nothing()
    {
        var run = new GeneratorRun(("demo.bootspec", Spec));
        run.Change("demo.bootspec", "# A comment.\n\n" + Spec.Replace("0  u16", "0      u16", StringComparison.Ordinal));
        Assert.NotEmpty(run.OutputReasons);
        Assert.All(run.OutputReasons, output => Assert.Contains(output.Reason, Kept));
    }

    [Fact]
    public void Edit_of_csharp_runs_nothing()
    {
        var run = new GeneratorRun(("demo.bootspec", Spec));
        run.EditCSharp();
        foreach (string step in StepNames.Outputs.Append(StepNames.Parse).Append(StepNames.Bind))
        {
            Assert.NotEmpty(run.Reasons(step));
            Assert.All(run.Reasons(step), reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
        }
    }

    [Fact]
    public void Changed_row_regenerates_its_structure_alone()
    {
        var run = new GeneratorRun(("demo.bootspec", Spec));
        run.Change("demo.bootspec", Spec.Replace("u32  a ", "u64  a ", StringComparison.Ordinal));
        Assert.Single(run.Reasons(StepNames.Structures), IncrementalStepRunReason.Modified);
        Assert.Single(run.Reasons(StepNames.Structures), IncrementalStepRunReason.Unchanged);
        Assert.All(run.Reasons(StepNames.Enumerations).Concat(run.Reasons(StepNames.Notes)), reason => Assert.Contains(reason, Kept));
    }

    [Fact]
    public void Other_file_is_not_parsed_again()
    {
        var run = new GeneratorRun(("demo.bootspec", Spec), ("more.bootspec", "protocol more little | More.\n"));
        run.Change("more.bootspec", "protocol more little | More of it.\n");
        Assert.Equal(1, run.Reasons(StepNames.Parse).Count(reason => reason == IncrementalStepRunReason.Cached));
        Assert.All(run.OutputReasons, output => Assert.Contains(output.Reason, Kept));
    }

    [Fact]
    public void Shipped_specs_stay_cached_when_a_comment_is_added_to_each()
    {
        (string Name, string Text)[] files = ShippedSpecs.All;
        var run = new GeneratorRun(files);
        foreach ((string name, string text) in files)
            run.Change(name, "# A comment.\n" + text);
        Assert.NotEmpty(run.OutputReasons);
        Assert.All(run.OutputReasons, output => Assert.Contains(output.Reason, Kept));
    }
}
