using System.Globalization;

namespace BootProtocol.Fuzz;

/// <summary>What the program does.</summary>
public static class Session
{
    private const string Usage = """
        Fuzz replay              reads every input that is kept, twice
        Fuzz run SECONDS [SEED]  changes kept inputs at random, keeps what takes new ways through the library; another seed each time unless given
        Fuzz read TARGET FILE    prints what the library says of an input
        Fuzz minimise            writes the corpus anew: the fewest and shortest inputs for all edges that kept and found ones take
        """;

    /// <summary>Does one of these.</summary>
    /// <returns>
    /// 0: nothing but results and the one exception. 1: something else; the input that did it is kept, and its path printed. 2: usage.
    /// </returns>
    public static int Run(string[] arguments)
    {
        try
        {
            switch (arguments)
            {
                case ["replay"]:
                    Replay();
                    return 0;
                case ["run", _] or ["run", _, _]:
                    int seed = arguments.Length > 2 ? int.Parse(arguments[2], CultureInfo.InvariantCulture) : Environment.TickCount;
                    new GuidedRun(seed).Run(TimeSpan.FromSeconds(int.Parse(arguments[1], CultureInfo.InvariantCulture)));
                    return 0;
                case ["read", { } name, { } file] when Target.All.FirstOrDefault(target => target.Name == name) is { } target:
                    Console.Write(target.Read(File.ReadAllBytes(file)));
                    return 0;
                case ["minimise"]:
                    Minimiser.Run();
                    return 0;
                default:
                    Console.Error.WriteLine(Usage);
                    return 2;
            }
        }
        catch (FindingException finding)
        {
            Console.Error.WriteLine($"error: {finding.Message}");
            return 1;
        }
    }

    private static void Replay()
    {
        int edges = 0;
        foreach (Target target in Target.All)
        {
            var seen = new CoverageMap();
            List<byte[]> inputs = Corpus.Read(target);
            foreach (byte[] input in inputs)
            {
                CoverageMap.Restart();
                target.ReadAgain(input, target.Read(input));
                seen.Add();
            }

            edges += seen.Edges;
            Console.WriteLine($"  {target.Name,-12} {inputs.Count,5} inputs {seen.Edges,7} edges");
        }

        Console.WriteLine($"{edges} edges: nothing but results and BootException");
    }
}
