namespace BootProtocol.Testing;

/// <summary>The tables of ARCHITECTURE.md.</summary>
internal static class ArchitecturePage
{
    /// <summary>The packages, and what each of them uses directly.</summary>
    public static IReadOnlyDictionary<string, string[]> Packages { get; } = Read("| package ").ToDictionary();

    /// <summary>The rooms from the lowest one up, and those that each of them may use.</summary>
    public static IReadOnlyList<KeyValuePair<string, string[]>> Rooms { get; } = Read("| room ");

    private static List<KeyValuePair<string, string[]>> Read(string head)
    {
        List<KeyValuePair<string, string[]>> rows = [];
        IEnumerable<string> table = File.ReadLines(Repository.File("ARCHITECTURE.md"))
            .SkipWhile(line => !line.StartsWith(head, StringComparison.Ordinal))
            .Skip(2)
            .TakeWhile(line => line.StartsWith('|'));
        foreach (string line in table)
        {
            string[] cells = line.Split('|', StringSplitOptions.TrimEntries);
            rows.Add(new(Names(cells[1]).Single(), [.. Names(cells[3])]));
        }

        Assert.NotEmpty(rows);
        return rows;
    }

    /// <summary>What stands between backticks.</summary>
    private static IEnumerable<string> Names(string cell) => cell.Split('`').Where((_, index) => index % 2 == 1);
}
