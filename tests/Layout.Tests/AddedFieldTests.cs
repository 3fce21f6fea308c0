using BootProtocol.Generators.Tests;
using BootProtocol.Layout.Tests.Headers;
using BootProtocol.Layout.Tests.Proof;
using BootProtocol.Layout.Tests.Tables;
using BootProtocol.Specs;
using BootProtocol.Testing;

namespace BootProtocol.Layout.Tests;

/// <summary>A row that is added to a spec is held against C with no other change.</summary>
[Needs(Need.Tools)]
public sealed class AddedFieldTests
{
    private static readonly SpecStructure Header = SpecIndex.Shipped.Structure("setup_header")!;
    private static readonly Lazy<SpecIndex> Changed = new(() => SpecIndex.Generated([.. ShippedSpecs.All.Select(file => (file.Name, Change(file.Text)))]));

    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    public void Added_row_is_asserted(int bits)
    {
        int offset = Header.Variants[0].Size;
        var plan = new ProofPlan(Changed.Value, TwinSet.Shipped, bits, HeaderSet.Installed);
        Assertion[] assertions = [.. plan.Proofs.SelectMany(proof => proof.Assertions)];
        Assertion assertion = Assert.Single(assertions, assertion => assertion.Name == "setup_header.added_field");
        Assert.Equal(
            $"""
            _Static_assert(offsetof(twin_setup_header, added_field) == 0x{offset:x}, "setup_header.added_field: the offset is not 0x{offset:x}");
            _Static_assert(sizeof(((twin_setup_header *)0)->added_field) == 4, "setup_header.added_field: the size is not 4");
            """,
            assertion.Code);
        Assert.Equal(Proved.Plan(HeaderSet.Installed, bits).Proofs.Sum(proof => proof.Assertions.Length) + 1, assertions.Length);

        // The kernel has no such field, and gcc says so.
        TableProof linux = plan.Proofs.Single(proof => proof.Assertions.Contains(assertion));
        Assert.Contains("has no member named 'added_field'", new CCompiler().Complaint(linux.Source, bits), StringComparison.Ordinal);
    }

    /// <summary>C has the structure as it was, and one line says so; the sizes stay proved, also of what the structure is part of.</summary>
    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    public void Added_row_without_a_twin_needs_one_line(int bits)
    {
        TwinLine none = TwinReader.Read("linux.twins", "none field setup_header.added_field : added here").Lines.Single();
        var twins = new TwinSet(
            Changed.Value,
            [.. TwinSet.ReadShipped().Select(table => table.File == none.File ? table with { Lines = table.Lines.Add(none) } : table)]);
        Assert.Empty(twins.Problems);
        var plan = new ProofPlan(Changed.Value, twins, bits, HeaderSet.Installed);
        Assert.Empty(plan.Problems);
        Assert.Contains(none, plan.WithoutTwin);

        TableProof linux = plan.Proofs.Single(proof => proof.Table.File == none.File);
        TableProof shipped = Proved.Plan(HeaderSet.Installed, bits).Proofs.Single(proof => proof.Table.File == none.File);
        Assert.Equal(shipped.Assertions.Select(Conditions), linux.Assertions.Select(Conditions));
        Assert.Equal("", new CCompiler().Complaint(linux.Source, bits));
    }

    /// <summary>The C lines of an assertion without what they say where they fail.</summary>
    private static string Conditions(Assertion assertion)
        => string.Join('\n', assertion.Code.Split('\n').Select(line => line.Split(", \"")[0]));

    /// <summary>One more row at the end of setup_header.</summary>
    private static string Change(string text)
    {
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        int head = Array.FindIndex(lines, line => line.StartsWith("struct setup_header ", StringComparison.Ordinal));
        if (head < 0)
            return text;
        int end = Array.FindIndex(lines, head, line => line.Length == 0);
        int place = Header.BaseOffset + Header.Variants[0].Size;
        return string.Join('\n', [.. lines[..end], $"  0x{place:x}  u32  added_field  2.15+  read  | Added.", .. lines[end..]]);
    }
}
