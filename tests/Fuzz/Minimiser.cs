namespace BootProtocol.Fuzz;

/// <summary>Writes the corpus anew.</summary>
internal static class Minimiser
{
    /// <summary>The shortest piece that is cut out of an input.</summary>
    private const int ShortestPiece = 4;

    /// <summary>Takes of each target's kept and found inputs those that are short enough, fewest first.</summary>
    public static void Run()
    {
        foreach (Target target in Target.All)
        {
            // What is done once in a process is done before anything is counted.
            List<byte[]> all = [.. Corpus.Read(target), .. Corpus.ReadFound(target)];
            foreach (byte[] input in all)
                _ = target.Read(input);
            List<byte[]> shortened = [.. Choose(target, all).Select(input => Shorten(target, input)).Where(static input => input.Length <= Corpus.MaximumLength)];
            List<byte[]> chosen = Choose(target, shortened);
            Corpus.Write(target, chosen);
            Console.WriteLine($"  {target.Name,-12} {all.Count,5} -> {chosen.Count,5} inputs, {chosen.Sum(static input => input.Length),7} bytes");
        }
    }

    /// <summary>Inputs that together take all edges, the shortest first.</summary>
    private static List<byte[]> Choose(Target target, IEnumerable<byte[]> inputs)
    {
        var seen = new CoverageMap();
        var chosen = new List<byte[]>();
        foreach (byte[] input in inputs.OrderBy(static input => input.Length))
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
        for (int length = input.Length / 2; length >= ShortestPiece; length /= 2)
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
