using System.Collections.Immutable;

namespace BootProtocol.Cli.DomainFiles;

/// <summary>The values of a domain's file by key; those that were asked for are known.</summary>
/// <param name="name">The file's name, for errors.</param>
/// <param name="settings">The settings.</param>
internal sealed class FileValues(string name, IReadOnlyDictionary<string, FileSetting> settings)
{
    /// <summary>Numbers are of fewer than 32 bits, so that no arithmetic with them goes wrong.</summary>
    private const ulong Highest = 1 << 24;

    private static readonly char[] _spaces = [' ', '\t', '\n', '\v', '\f', '\r'];

    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    /// <summary>Keys that nobody asked for, in the order of their lines.</summary>
    public ImmutableArray<string> Others =>
        [.. settings.Values.Where(setting => !_asked.Contains(setting.Key)).OrderBy(static setting => setting.Line).Select(static setting => setting.Key)];

    /// <summary>A text, or a number as text; null if there is no such key.</summary>
    /// <exception cref="ToolException">It is a list.</exception>
    public string? Text(string key)
    {
        _asked.Add(key);
        if (!settings.TryGetValue(key, out FileSetting? setting))
            return null;
        return setting.IsList ? throw Bad(key, "one value", "a list") : setting.Values[0]!;
    }

    /// <summary>
    /// A number above 0, decimal, hexadecimal behind 0x or octal behind 0, with spaces or a plus sign
    /// in front; null if there is no such key.
    /// </summary>
    /// <exception cref="ToolException">It is none.</exception>
    public ulong? Number(string key)
    {
        if (Text(key) is not { } text)
            return null;
        if (settings[key].IsAddition)
            throw Bad(key, "no number is added to another");

        // As the C library's strtol, by which xl reads numbers in quotes, too.
        string digits = text.TrimStart(_spaces);
        digits = digits.StartsWith('+') ? digits[1..] : digits;
        return CNumber.TryParse(digits, out ulong number) && number is > 0 and <= Highest
            ? number
            : throw Bad(key, $"a number from 1 to {Highest}", $"'{text}'");
    }

    /// <summary>A list; empty if there is no such key.</summary>
    /// <exception cref="ToolException">It is none.</exception>
    public ImmutableArray<string> List(string key)
    {
        _asked.Add(key);
        if (!settings.TryGetValue(key, out FileSetting? setting))
            return [];
        if (!setting.IsList)
            throw Bad(key, "a list in brackets", $"'{setting.Values[0]}'");
        return [.. setting.Values.Select(value => value ?? throw Bad(key, "a text", "a list in the list"))];
    }

    /// <summary>A value that cannot be taken.</summary>
    public ToolException Bad(string key, string expected, string found) => Bad(key, $"expected {expected}, found {found}");

    /// <summary>A value that cannot be taken.</summary>
    public ToolException Bad(string key, string message) => Bad(name, settings[key], message);

    /// <summary>A setting of a file that cannot be taken.</summary>
    public static ToolException Bad(string name, FileSetting setting, string message) =>
        new(ExitCode.BadInput, $"{name}: line {setting.Line}: {setting.Key}: {message}");
}
