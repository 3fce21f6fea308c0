using BootProtocol.Layout.Tests.Mutations;
using BootProtocol.Testing;

namespace BootProtocol.Layout.Tests;

/// <summary>The layouts of all protocols against small snapshots, and the proof that no row can go or move without a test that fails.</summary>
public sealed class SnapshotTests(ITestOutputHelper output)
{
    private static readonly ShippedLayouts Shipped = new();

    public static TheoryData<string> Protocols => [.. Shipped.Texts.Keys];

    [Theory]
    [MemberData(nameof(Protocols))]
    public void Layouts_are_the_accepted_ones(string protocol)
        => Snapshot.Matches(Shipped.Texts[protocol], "txt", "Layout.Tests", "Snapshots", protocol);

    [Fact]
    public void Every_snapshot_has_a_protocol()
    {
        IEnumerable<string> files = Directory.GetFiles(Repository.File("tests", "Layout.Tests", "Snapshots"), "*.verified.txt")
            .Select(path => Path.GetFileName(path).Replace(".verified.txt", "", StringComparison.Ordinal));
        Assert.Equal(Shipped.Texts.Keys, files.Order(StringComparer.Ordinal));
    }

    /// <summary>
    /// Each head and row of each spec is deleted, and swapped with the one below. The specs as they are have no problem and are
    /// the snapshots (the test above), so that a problem or another text is what makes a test fail.
    /// </summary>
    [Fact]
    [Needs(Need.Time)]
    public void Row_that_is_deleted_or_moved_is_noticed()
    {
        Assert.Empty(Shipped.Bound.Problems);
        (int File, int Index)[] rows = [.. Shipped.Files.SelectMany((text, file) => text.Rows.Select((_, index) => (file, index)))];
        string[] unnoticed =
        [
            .. rows.AsParallel().AsOrdered().SelectMany(row => Changes(row.File, row.Index))
                .Where(change => !Shipped.Notices(change.File, change.Lines))
                .Select(change => change.Label),
        ];
        Assert.Empty(unnoticed);
        output.WriteLine($"{rows.Length} heads and rows deleted and moved, none unnoticed.");
    }

    private static IEnumerable<(int File, IEnumerable<string> Lines, string Label)> Changes(int file, int index)
    {
        SpecText text = Shipped.Files[file];
        int row = text.Rows[index];
        string label = $"{text.Path}: '{text.Line(row)}'";
        yield return (file, text.Without(row), $"deleted: {label}");
        if (index + 1 < text.Rows.Length)
            yield return (file, text.Swapped(row, text.Rows[index + 1]), $"moved: {label}");
    }
}
