using System;
using System.Collections.Generic;
using System.Linq;

namespace BootProtocol.Generators.Diagnostics;

/// <summary>Finds the name that a mistyped one was probably meant to be.</summary>
internal static class NearName
{
    private const int LongestName = 64;

    /// <summary>A clause for the end of a message, or nothing where no name is near enough.</summary>
    public static string Hint(string? near) => near is null ? "" : $"; did you mean '{near}'?";

    /// <summary>The nearest other name; null where none is near enough.</summary>
    public static string? Find(string written, IEnumerable<string> known)
    {
        if (written.Length > LongestName)
            return null;
        int limit = Math.Max(1, written.Length / 3);
        return known
            .Distinct(StringComparer.Ordinal)
            .Where(name => name != written && name.Length <= LongestName && Math.Abs(name.Length - written.Length) <= limit)
            .Select(name => (Name: name, Distance: Distance(written, name)))
            .Where(near => near.Distance <= limit)
            .OrderBy(near => near.Distance)
            .ThenBy(near => near.Name, StringComparer.Ordinal)
            .Select(near => near.Name)
            .FirstOrDefault();
    }

    /// <summary>The number of letters to insert, drop, change or swap to get from one name to the other, capitals not told apart.</summary>
    private static int Distance(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
            cost[i, 0] = i;
        for (int j = 0; j <= b.Length; j++)
            cost[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int change = Same(a[i - 1], b[j - 1]) ? 0 : 1;
                int least = Math.Min(Math.Min(cost[i - 1, j] + 1, cost[i, j - 1] + 1), cost[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]))
                    least = Math.Min(least, cost[i - 2, j - 2] + 1);
                cost[i, j] = least;
            }
        }

        return cost[a.Length, b.Length];
    }

    private static bool Same(char a, char b) => char.ToUpperInvariant(a) == char.ToUpperInvariant(b);
}
