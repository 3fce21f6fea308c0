using System.Text.RegularExpressions;
using BootProtocol.Layout.Tests.Headers;
using BootProtocol.Layout.Tests.Proof;
using BootProtocol.Layout.Tests.Tables;
using BootProtocol.Testing;

namespace BootProtocol.Layout.Tests;

/// <summary>
/// The other direction for values: C names of a kind that the specs have, such as all that start with XENFEAT_, are in the
/// specs, or stand apart by a line of a twin table. So what newer headers add is missed by a test, and not by a reader.
/// </summary>
public sealed partial class FamilyTests
{
    /// <summary>Names that are twins, whatever the headers.</summary>
    private static readonly Lazy<HashSet<string>> _twins = new(() =>
    [
        .. SpecIndex.Shipped.Enumerations.SelectMany(block => block.Enumerators.Select(row => (TwinKind.Enumerator, block.Name, row.Name)))
            .Concat(SpecIndex.Shipped.Notes.SelectMany(block => block.Notes.Select(note => (TwinKind.Note, block.Name, note.Name))))
            .SelectMany(row => TwinSet.Shipped.Lines(row.Item1, row.Item2, row.Item3)
                .Where(line => !line.IsNone)
                .Select(line => line.Text)
                .DefaultIfEmpty(row.Item3))
            .SelectMany(text => Word().Matches(text).Select(match => match.Value)),
    ]);

    /// <summary>Every block that C has values of says which names belong to it, or why no rule can.</summary>
    [Fact]
    public void Every_block_with_twins_has_a_family()
    {
        IEnumerable<string> blocks = SpecIndex.Shipped.Enumerations
            .Where(block => !IsNone(block.IsFlags ? TwinKind.Flags : block.IsConst ? TwinKind.Constants : TwinKind.Enumeration, block.Name))
            .Select(block => block.Name)
            .Concat(SpecIndex.Shipped.Notes.Where(block => !IsNone(TwinKind.Notes, block.Name)).Select(block => block.Name));
        Assert.All(blocks, block => Assert.NotEmpty(TwinSet.Shipped.Lines(TwinKind.Family, block)));
    }

    [Theory]
    [MemberData(nameof(HeaderSet.All), MemberType = typeof(HeaderSet))]
    [Needs(Need.Kernels)]
    public void Every_name_of_a_family_is_in_the_specs(string headers, int bits)
    {
        var set = HeaderSet.Get(headers);
        set.Check(() => Assert.Empty(TwinSet.Shipped.Tables.SelectMany(table => Missing(table, set, bits))));
    }

    /// <summary>A family that no name belongs to, or a name apart that no headers have, would be a rule without effect.</summary>
    [Fact]
    [Needs(Need.Tools)]
    public void Every_rule_has_a_name()
    {
        HeaderSet set = HeaderSet.Installed;
        foreach (TwinTable table in TwinSet.Shipped.Tables)
        {
            HashSet<string> names = Names(table, set, 64);
            Assert.Empty(Families(table).Where(family => !names.Any(family.Names.IsMatch)).Select(family => family.Line.Place));
            Assert.Empty(table.Apart.Where(apart => !names.Any(apart.IsMatch)));
        }
    }

    [Fact]
    [Needs(Need.Tools)]
    public void Missing_name_is_noticed()
    {
        TwinTable table = TwinReader.Read("one.twins", """
            define DEMO_ONE 1
            define DEMO_TWO 2
            define DEMO_MAX 2
            family xenfeat = DEMO_\w+
            apart DEMO_M\w+ : a count
            """);
        Assert.Empty(table.Problems);
        Assert.Equal(["one.twins(4): xenfeat has no DEMO_ONE", "one.twins(4): xenfeat has no DEMO_TWO"], Missing(table, HeaderSet.Installed, 64));
    }

    private static IEnumerable<string> Missing(TwinTable table, HeaderSet headers, int bits)
    {
        string[] names = [.. Names(table, headers, bits).Where(name => !_twins.Value.Contains(name) && !table.Apart.Any(apart => apart.IsMatch(name)))];
        return from family in Families(table)
               from name in names.Order(StringComparer.Ordinal)
               where family.Names.IsMatch(name)
               select $"{family.Line.Place}: {family.Line.Block} has no {name}";
    }

    private static IEnumerable<(TwinLine Line, Regex Names)> Families(TwinTable table)
        => table.Lines.Where(line => line.Kind == TwinKind.Family && !line.IsNone).Select(line => (line, new Regex($"^(?:{line.Text})$")));

    private static bool IsNone(TwinKind kind, string block) => TwinSet.Shipped.Lines(kind, block).Any(line => line.IsNone);

    /// <summary>The macros and enumerators that a table's headers make known.</summary>
    private static HashSet<string> Names(TwinTable table, HeaderSet headers, int bits)
    {
        var compiler = new CCompiler(headers: headers);
        string source = string.Join('\n', table.Preamble) + "\n";
        return
        [
            .. Macro().Matches(compiler.Preprocess(source, bits, "-dM")).Select(match => match.Groups[1].Value),
            .. EnumBody().Matches(compiler.Preprocess(source, bits))
                .SelectMany(match => EnumName().Matches(match.Groups[1].Value))
                .Select(match => match.Groups[1].Value),
        ];
    }

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();

    [GeneratedRegex(@"^#define (\w+)", RegexOptions.Multiline)]
    private static partial Regex Macro();

    [GeneratedRegex(@"\benum\s*\w*\s*\{([^}]*)\}")]
    private static partial Regex EnumBody();

    [GeneratedRegex(@"(?:^|,)\s*(\w+)")]
    private static partial Regex EnumName();
}
