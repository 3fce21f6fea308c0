using System.Text.RegularExpressions;
using BootProtocol.Layout.Tests.Headers;
using BootProtocol.Layout.Tests.Proof;
using BootProtocol.Layout.Tests.Tables;
using BootProtocol.Testing;

namespace BootProtocol.Layout.Tests;

/// <summary>C headers that the specs did not come through say the same: gcc compiles an assertion for every size, place and value.</summary>
[Needs(Need.Kernels)]
public sealed partial class ProofTests(ITestOutputHelper output)
{
    [Fact]
    public void Twin_tables_speak_of_what_the_specs_have() => Assert.Empty(TwinSet.Shipped.Problems);

    [Theory]
    [MemberData(nameof(HeaderSet.All), MemberType = typeof(HeaderSet))]
    public void Every_name_has_a_twin_or_a_reason_why_not(string headers, int bits)
        => Assert.Empty(Proved.Plan(HeaderSet.Get(headers), bits).Problems);

    [Theory]
    [MemberData(nameof(HeaderSet.All), MemberType = typeof(HeaderSet))]
    public void C_agrees(string headers, int bits)
    {
        var set = HeaderSet.Get(headers);
        set.Check(() =>
        {
            string complaints = string.Join('\n', Proved.ComplaintsOf(set, bits));
            Assert.True(complaints.Length == 0, complaints);
        });
    }

    /// <summary>No header comes from another release than the one that is asked: else its own could be missing unnoticed.</summary>
    [Theory]
    [MemberData(nameof(HeaderSet.All), MemberType = typeof(HeaderSet))]
    public void Headers_are_of_one_release(string headers, int bits)
    {
        var set = HeaderSet.Get(headers);
        foreach (TwinTable table in TwinSet.Shipped.Tables.Where(table => table.Preamble.Length > 0))
        {
            string source = string.Join('\n', table.Preamble) + "\n";
            string[] files = [.. new CCompiler(headers: set).Preprocess(source, bits, "-M").Split([' ', '\n', '\\'], StringSplitOptions.RemoveEmptyEntries)];
            string[] ours = [.. files.Where(file => Ours().IsMatch(file))];
            Assert.NotEmpty(ours);
            Assert.All(ours, file => Assert.StartsWith(set.Folder ?? "/usr/include", Path.GetFullPath(file), StringComparison.Ordinal));
        }
    }

    /// <summary>A line that does not hold for these headers would be wrong of them: its versions hide nothing that is there.</summary>
    [Theory]
    [MemberData(nameof(HeaderSet.All), MemberType = typeof(HeaderSet))]
    public void What_other_headers_have_is_not_in_these(string headers, int bits)
    {
        var set = HeaderSet.Get(headers);
        set.Check(() => Assert.Empty(TwinSet.Shipped.Tables
            .SelectMany(table => table.Lines)
            .Where(line => line.HoldsFor(bits) && !line.HoldsFor(bits, set))
            .AsParallel()
            .Where(line => Agrees(line, set, bits))
            .Select(line => $"{line.Place}: {line.Name} is as in C, though not {line.Range}")));
    }

    /// <summary>
    /// The count goes to the test's output, which <c>dotnet test --output Detailed</c> shows, and to the console, which is seen
    /// where the test program is run itself.
    /// </summary>
    [Theory]
    [InlineData("sid")]
    [InlineData("installed")]
    public void Count_of_what_was_proved(string headers)
    {
        var set = HeaderSet.Get(headers);
        set.Check(() =>
        {
            Assert.Empty(Proved.ComplaintsOf(set, 32));
            Assert.Empty(Proved.ComplaintsOf(set, 64));
        });
        string summary = Summary.Of(set, Proved.Plan(set, 32), Proved.Plan(set, 64));
        output.WriteLine(summary);
        Console.WriteLine(summary);
    }

    /// <summary>Whether gcc accepts what a line says with these headers, the other lines about the same thing left out.</summary>
    private static bool Agrees(TwinLine line, HeaderSet headers, int bits)
    {
        TwinTable[] tables =
        [
            .. TwinSet.Shipped.Tables.Select(table => table with
            {
                Lines =
                [
                    .. table.Lines
                        .Where(other => other == line || (other.Kind, other.Name) != (line.Kind, line.Name))
                        .Select(other => other == line ? line with { Range = null } : other),
                ],
            }),
        ];
        var plan = new ProofPlan(SpecIndex.Shipped, new TwinSet(SpecIndex.Shipped, [.. tables]), bits, headers);
        TableProof proof = plan.Proofs.Single(proof => proof.Table.File == line.File);
        return proof.Assertions.Any(assertion => assertion.Name == line.Name) && new CCompiler(headers: headers).Complaint(proof.Source, bits).Length == 0;
    }

    [GeneratedRegex(@"/(asm|asm-generic|linux|xen)/|/(elf|xenctrl)\.h$")]
    private static partial Regex Ours();
}
