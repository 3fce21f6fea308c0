namespace BootProtocol.Fuzz;

/// <summary>Writes the corpus anew.</summary>
internal static class Minimiser
{
    /// <summary>How many times as long an input is as the shortest piece that is cut out of it.</summary>
    private const int MostPieces = 32;

    /// <summary>Inputs that are read before anything is counted.</summary>
    private const int Warmup = 50;

    /// <summary>Takes of each target's kept and found inputs those that are short enough, fewest first.</summary>
    public static void Run(IEnumerable<Target> targets)
    {
        foreach (Target target in targets)
        {
            List<byte[]> all = [.. Corpus.Read(target).Concat(Corpus.ReadFound(target)).Where(static input => input.Length <= Corpus.MaximumLength)];
            // What is done once in a process is done before anything is counted.
            foreach (byte[] input in all.Take(Warmup))
                _ = target.Read(input);
            List<byte[]> chosen = Choose(target, Choose(target, all).Select(input => Shorten(target, input)));
            Corpus.Write(target, chosen);
            Console.WriteLine($"  {target.Name,-12} {all.Count,5} -> {chosen.Count,5} inputs, {chosen.Sum(static input => input.Length),7} bytes");
        }
    }

    /// <summary>Inputs that together take all edges: those with most edges first, so that they are few.</summary>
    private static List<byte[]> Choose(Target target, IEnumerable<byte[]> inputs)
    {
        var seen = new CoverageMap();
        var chosen = new List<byte[]>();
        foreach (byte[] input in inputs.OrderByDescending(input => Read(target, input).Edges).ThenBy(static input => input.Length))
        {
            CoverageMap map = Read(target, input);
            bool isKnown = seen.HasEdgesOf(map);
            seen.Add();
            if (!isKnown)
                chosen.Add(input);
        }

        return chosen;
    }

    /// <summary>Cuts out whatever the input's edges do not need.</summary>
    private static byte[] Shorten(Target target, byte[] input)
    {
        CoverageMap edges = Read(target, input);
        for (int length = input.Length / 2; length > 0 && length >= input.Length / MostPieces; length /= 2)
        {
            for (int at = input.Length - length; at >= 0; at -= length)
            {
                byte[] shorter = [.. input[..at], .. input[Math.Min(input.Length, at + length)..]];
                if (at < input.Length && Read(target, shorter).HasEdgesOf(edges))
                    input = shorter;
            }
        }

        return input;
    }

    private static CoverageMap Read(Target target, byte[] input)
    {
        CoverageMap.Restart();
        _ = target.Read(input);
        return CoverageMap.Take();
    }
}
