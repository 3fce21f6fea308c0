using System.Collections.Generic;
using System.Linq;

namespace BootProtocol.Generators.Syntax;

/// <summary>A kind of row, and what may stand behind the name in it.</summary>
/// <param name="name">The kind, for messages.</param>
/// <param name="parts">The words that start its parts, after <see cref="Gate"/> and <see cref="Access"/> if it has these.</param>
internal sealed class RowKind(string name, string[] parts)
{
    /// <summary>Stands for all gates.</summary>
    public const string Gate = "a gate";

    /// <summary>Stands for all access words.</summary>
    public const string Access = "an access word";

    public string Name { get; } = name;

    /// <summary>All parts, for messages.</summary>
    public string Expected { get; } = List([.. parts.Select(part => part is Gate or Access ? part : $"'{part}'")]);

    /// <summary>The words that start its parts: 'all' for gates, and each access word.</summary>
    public IEnumerable<string> Words => parts
        .SelectMany(part => part switch { Gate => ["all"], Access => RowParser.AccessWords, _ => new[] { part } })
        .Where(part => char.IsLetter(part[0]));

    public bool Has(string part) => parts.Contains(part);

    private static string List(IReadOnlyList<string> items) =>
        items.Count == 1 ? items[0] : $"{string.Join(", ", items.Take(items.Count - 1))} or {items[items.Count - 1]}";
}
