using Microsoft.CodeAnalysis;

namespace BootProtocol.Generators.Tests;

/// <summary>Rows that files of one protocol share.</summary>
public sealed class SharedRowTests
{
    private const string Shared = """
        protocol demo  little  | Demo.
        flags other : u8       | Others.
          include low          | The lowest.
        rows low               | The lowest bits.
          0  FIRST             | The first.
          |                    Second line.
          1  SECOND            | The second.
        rows head              | What all begin with.
          .  u32  kind         | The kind.
          .  u32  length       | The length.
        """;

    private const string Use = """
        protocol demo  little  | Demo.
        flags thing : u8       | Bits.
          2  THIRD             | The third.
          include low          | The lowest.
          3  FOURTH            | The fourth.
          include own          | Of this file.
        rows own               | Of this file.
          4  FIFTH             | The fifth.
        struct entry  size 12  | An entry.
          include head         | Its head.
          let  room = length * 2 | Computed of a shared row.
          .  u32  value        | The value.
        """;

    /// <summary>The same text, with the rows of the other file written out, is generated alike.</summary>
    [Fact]
    public void Rows_of_another_file_stand_where_they_are_included()
    {
        string written = Use
            .Replace("  include low          | The lowest.", "  0  FIRST | The first.\n  | Second line.\n  1  SECOND | The second.", StringComparison.Ordinal)
            .Replace("  include head         | Its head.", "  .  u32  kind | The kind.\n  .  u32  length | The length.", StringComparison.Ordinal);
        var shared = new GeneratorRun(("use.bootspec", Use), ("zshared.bootspec", Shared));
        var plain = new GeneratorRun(("use.bootspec", written), ("zshared.bootspec", Shared));
        Assert.Empty(shared.Messages);
        Assert.Empty(plain.Messages);
        foreach (string name in new[] { "Demo.Demo.Thing.g.cs", "Demo.Demo.Entry.g.cs" })
            Assert.Equal(plain.Source(name), shared.Source(name));
        Assert.Contains("FIFTH", shared.Source("Demo.Demo.Thing.g.cs"), StringComparison.Ordinal);
        Assert.Empty(shared.Compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
    }

    /// <summary>A second run sees the rows once, and a change of the other file.</summary>
    [Fact]
    public void A_change_of_the_shared_rows_counts_in_all_files()
    {
        var run = new GeneratorRun(("use.bootspec", Use), ("zshared.bootspec", Shared));
        run.Change("zshared.bootspec", Shared.Replace("1  SECOND ", "1  ANOTHER", StringComparison.Ordinal));
        Assert.Empty(run.Messages);
        string thing = run.Source("Demo.Demo.Thing.g.cs");
        Assert.Contains("Another", thing, StringComparison.Ordinal);
        Assert.DoesNotContain("Second =", thing, StringComparison.Ordinal);
        run.Change("zshared.bootspec", Shared.Replace("The first.", "The very first.", StringComparison.Ordinal));
        Assert.Contains("The very first.", run.Source("Demo.Demo.Thing.g.cs"), StringComparison.Ordinal);
    }

    [Fact]
    public void Mistakes_stand_at_the_row_that_includes()
    {
        string broken = Shared
            .Replace("1  SECOND", "9  SECOND", StringComparison.Ordinal)
            .Replace("u32  length", "u33  length", StringComparison.Ordinal)
            .Replace("  include low          | The lowest.", "  7  LAST | The last.", StringComparison.Ordinal);
        var run = new GeneratorRun(("use.bootspec", Use.Replace("size 12", "size 8", StringComparison.Ordinal)), ("zshared.bootspec", broken));
        Assert.Equal(
            [
                "use.bootspec(4,11): error BPS2007: Bit 9 does not exist in u8; its highest bit is 7",
                "use.bootspec(10,11): error BPS3003: 'u33' is no type; did you mean 'u32'?",
            ],
            run.Messages);
    }

    [Fact]
    public void Rows_belong_to_their_protocol()
    {
        var run = new GeneratorRun(
            ("use.bootspec", Use),
            ("zshared.bootspec", Shared.Replace("protocol demo", "protocol more", StringComparison.Ordinal)));
        Assert.Equal(
            [
                "use.bootspec(4,11): error BPS3012: 'low' is no block of rows of this protocol",
                "use.bootspec(10,11): error BPS3012: 'head' is no block of rows of this protocol",
            ],
            run.Messages);
    }

    [Fact]
    public void Two_files_of_a_protocol_cannot_share_rows_under_one_name()
    {
        const string Again = "protocol demo  little | Demo.\nrows low | Low.\n  0  A | A.";
        var run = new GeneratorRun(("use.bootspec", Use), ("zshared.bootspec", Shared), ("zz.bootspec", Again));
        Assert.Equal(["zz.bootspec(2,6): error BPS3001: 'low' is declared already, in zshared.bootspec line 4"], run.Messages);
    }
}
