using System.Globalization;

namespace BootProtocol.Boot.Tests.Machines;

/// <summary>The lines that the sample guest prints, <c>key: value</c> each; a key may come several times.</summary>
internal sealed class GuestReport
{
    private const string Separator = ": ";
    private readonly List<(string Key, string Value)> _lines = [];

    /// <summary>Whether the guest came to the end of what it had to say.</summary>
    public bool IsComplete => _lines.Count > 0 && _lines[^1] == ("end", "report complete");

    /// <summary>The value of a key that comes once.</summary>
    public string this[string key] => Assert.Single(All(key));

    /// <summary>Takes the report out of what a machine printed; firmware may have printed something before it.</summary>
    public static GuestReport Parse(string output)
    {
        var report = new GuestReport();
        foreach (string line in output.Split('\n', StringSplitOptions.TrimEntries))
        {
            string[] parts = line.Split(Separator, 2);
            if (parts.Length == 2)
                report._lines.Add((parts[0], parts[1]));
            else if (line.EndsWith(':'))
                report._lines.Add((line[..^1], ""));
        }

        return report;
    }

    /// <summary>The values of a key, in the order of the report.</summary>
    public IReadOnlyList<string> All(string key) => [.. _lines.Where(line => line.Key == key).Select(line => line.Value)];

    /// <summary>The value of a key that comes once and is a number.</summary>
    public ulong Number(string key) => ParseNumber(this[key]);

    /// <summary>The value of a key that comes once, its words as numbers.</summary>
    public ulong[] Numbers(string key) => Numbers(key, 0);

    /// <summary>One of the values of a key, its words as numbers.</summary>
    public ulong[] Numbers(string key, int index) => [.. All(key)[index].Split(' ').Select(ParseNumber)];

    private static ulong ParseNumber(string text) => text.StartsWith("0x", StringComparison.Ordinal)
        ? ulong.Parse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
        : ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
