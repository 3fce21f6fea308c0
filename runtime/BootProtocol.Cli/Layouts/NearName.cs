namespace BootProtocol.Cli.Layouts;

/// <summary>Finds the name that somebody may have meant.</summary>
internal static class NearName
{
    /// <summary>The name that differs least from a mistyped one; null if all differ in more than a third of their characters.</summary>
    public static string? Find(string mistyped, IEnumerable<string> names)
    {
        string wanted = mistyped.ToLowerInvariant();
        string? best = null;
        int least = int.MaxValue;
        foreach (string name in names)
        {
            int distance = Distance(wanted, name.ToLowerInvariant());
            if (distance < least && distance <= Math.Max(1, Math.Max(wanted.Length, name.Length) / 3))
            {
                least = distance;
                best = name;
            }
        }

        return best;
    }

    /// <summary>How many characters must be put in, taken out or replaced to get from one text to the other.</summary>
    private static int Distance(string from, string to)
    {
        int[] above = new int[to.Length + 1];
        int[] here = new int[to.Length + 1];
        for (int column = 0; column <= to.Length; column++)
            above[column] = column;
        for (int row = 1; row <= from.Length; row++)
        {
            here[0] = row;
            for (int column = 1; column <= to.Length; column++)
            {
                int replaced = above[column - 1] + (from[row - 1] == to[column - 1] ? 0 : 1);
                here[column] = Math.Min(replaced, Math.Min(above[column], here[column - 1]) + 1);
            }

            (above, here) = (here, above);
        }

        return above[to.Length];
    }
}
