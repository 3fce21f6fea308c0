using BootProtocol.Layout.Tests.Headers;
using BootProtocol.Layout.Tests.Proof;
using BootProtocol.Layout.Tests.Tables;
using BootProtocol.Testing;

namespace BootProtocol.Layout.Tests;

/// <summary>What gcc is to find of a structure whose fields with 'new' in their names have no twin.</summary>
[Needs(Need.Tools)]
public sealed class TwinMeasureTests
{
    [Theory]
    [InlineData("packed", "u32 a, u16 new", "unsigned a;")]
    [InlineData("packed", "u32 a, u16 new, u16 newer", "unsigned a;")]
    [InlineData("packed", "u32 a, inner b", "unsigned a; twin_inner b;")]
    [InlineData("packed", "u32 a, inner[3] b", "unsigned a; twin_inner b[3];")]
    [InlineData("packed", "u32 a, inner b, u16 new", "unsigned a; twin_inner b;")]
    [InlineData("word 32|64", "word a, u32 new", "unsigned long a;")]
    [InlineData("word 32|64", "u32 a, u64 new", "unsigned a;")]
    [InlineData("word 32|64", "u64 a, u32 b, u32 new", "unsigned long long a; unsigned b;")]
    public void Fields_at_the_end_are_not_counted(string words, string rows, string members)
    {
        string[] complaints = Complaints(words, rows, members, $"{members} char more[8];");
        Assert.Equal("", complaints[0]);
        Assert.Contains("outer: the size", complaints[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("packed", "u32 a, u16 new, u16 b", "unsigned a; unsigned short other, b;")]
    [InlineData("packed", "u32 a, u16 new, pad[2]", "unsigned a; unsigned short other[2];")]
    [InlineData("packed", "u32 a, u32 b, = u64 new", "unsigned a; union { unsigned b; long long other; };")]
    [InlineData("packed", "u32 a, inner b, pad[4]", "unsigned a; twin_inner b; char more[6];")]
    [InlineData("packed", "u32 new", "unsigned other;")]
    [InlineData("word 32|64", "u64 new, u32 a", "unsigned long long other; unsigned a;")]
    public void Other_fields_are_counted(string words, string rows, string members)
    {
        string[] complaints = Complaints(words, rows, members, $"{members} char more[8];");
        Assert.Equal("", complaints[0]);
        Assert.Contains("outer: the size", complaints[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Failure_names_the_fields_that_are_not_counted()
    {
        string complaint = Complaints("packed", "u32 a, inner b, u16 new", "unsigned a; int b;").Single();
        Assert.Contains("outer: the size without inner.new, outer.new is not 6", complaint, StringComparison.Ordinal);
        Assert.Contains("outer.b: the size without inner.new is not 2", complaint, StringComparison.Ordinal);
    }

    /// <summary>What gcc says for both word sizes, with these rows in the spec and each of these lists of members in C.</summary>
    private static string[] Complaints(string words, string rows, params string[] members)
    {
        IEnumerable<string> lines = rows.Split(", ").Select(row => row.StartsWith('=') ? $"  {row} | A row." : $"  . {row} | A row.");
        SpecIndex specs = SpecIndex.Generated(("demo.bootspec", $"""
            protocol demo  little | Made for the tests.

            struct inner packed | Part of outer.
              . u16 a | Is in C.
              . u16 new | Is not in C.

            struct outer {words} | Has what a test says.
            {string.Join('\n', lines)}
            """));
        string[] none =
        [
            .. specs.Structures.SelectMany(structure => structure.Variants[0].Fields
                .Where(field => field.Name.StartsWith("new", StringComparison.Ordinal))
                .Select(field => $"none field {structure.Name}.{field.Name} : added here")),
        ];
        string attributes = words == "packed" ? "__attribute__((packed))" : "";
        return [.. members.Select(list => Complaint(specs, $$"""
            struct inner = struct { unsigned short a; } __attribute__((packed))
            struct outer = struct { {{list}} } {{attributes}}
            {{string.Join('\n', none)}}
            """))];
    }

    private static string Complaint(SpecIndex specs, string table)
    {
        var twins = new TwinSet(specs, [TwinReader.Read("demo.twins", table)]);
        Assert.Empty(twins.Problems);
        return string.Join('\n', new[] { 32, 64 }
            .Select(bits => new CCompiler().Complaint(new ProofPlan(specs, twins, bits, HeaderSet.Installed).Proofs.Single().Source, bits))
            .Where(complaint => complaint.Length > 0));
    }
}
