namespace BootProtocol.Cli.Comparison;

/// <summary>Compares what images say.</summary>
internal static class ImageComparison
{
    /// <summary>Finds the differences, part by part in the first image's order; what only the second has comes last in its part.</summary>
    public static IReadOnlyList<Difference> Compare(IReadOnlyList<ImageFact> first, IReadOnlyList<ImageFact> second)
    {
        OrderedDictionary<(string, string), string> left = Index(first);
        OrderedDictionary<(string, string), string> right = Index(second);
        var differences = new List<Difference>();
        foreach (string part in first.Concat(second).Select(static fact => fact.Part).Distinct().ToList())
        {
            foreach (((string owner, string name), string value) in left)
            {
                if (owner == part && right.GetValueOrDefault((owner, name)) is var other && other != value)
                    differences.Add(new Difference(part, name, value, other));
            }

            foreach (((string owner, string name), string value) in right)
            {
                if (owner == part && !left.ContainsKey((owner, name)))
                    differences.Add(new Difference(part, name, null, value));
            }
        }

        return differences;
    }

    /// <summary>Facts by their names; what has the name of one before it gets a number.</summary>
    private static OrderedDictionary<(string Part, string Name), string> Index(IReadOnlyList<ImageFact> facts)
    {
        var index = new OrderedDictionary<(string, string), string>();
        var counts = new Dictionary<(string, string), int>();
        foreach (ImageFact fact in facts)
        {
            (string, string) key = (fact.Part, fact.Name);
            int count = counts[key] = counts.GetValueOrDefault(key) + 1;
            index[count == 1 ? key : (fact.Part, FormattableString.Invariant($"{fact.Name} ({count})"))] = fact.Value;
        }

        return index;
    }
}
