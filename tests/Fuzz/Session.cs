using System.Globalization;

namespace BootProtocol.Fuzz;

/// <summary>What the program does.</summary>
public static class Session
{
    private const string Usage = """
        Fuzz replay              reads every input that is kept, twice
        Fuzz run SECONDS [SEED [TARGET...]]
                                 changes kept inputs at random, keeps what takes new ways through the library; another seed each time unless given
        Fuzz prefixes            decodes every prefix of every stream that is kept, and compares it with what the format's library makes of it
        Fuzz read TARGET FILE    prints what the library says of an input
        Fuzz minimise [TARGET]   writes the corpus anew: the fewest and shortest inputs for all edges that kept and found ones take
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
                case ["run", { } time, ..] when Number(time) is { } seconds && Seed(arguments) is { } seed && arguments.Skip(3).All(IsTarget):
                    new GuidedRun(seed, arguments[Math.Min(3, arguments.Length)..]).Run(TimeSpan.FromSeconds(seconds));
                    return 0;
                case ["prefixes"]:
                    ComparePrefixes();
                    return 0;
                case ["read", { } name, { } file] when Target.All.FirstOrDefault(target => target.Name == name) is { } target:
                    Console.Write(target.Read(File.ReadAllBytes(file)));
                    return 0;
                case ["minimise"]:
                    Minimiser.Run(Target.All);
                    return 0;
                case ["minimise", { } only] when Target.All.FirstOrDefault(target => target.Name == only) is { } chosen:
                    Minimiser.Run([chosen]);
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

    private static bool IsTarget(string name) => Target.All.Any(target => target.Name == name);

    private static int? Number(string text) => int.TryParse(text, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static int? Seed(string[] arguments) => arguments.Length > 2 ? Number(arguments[2]) : Environment.TickCount;

    private static void ComparePrefixes()
    {
        foreach (Target target in Target.All)
        {
            if (target.Format is not { } format)
                continue;
            int prefixes = 0;
            foreach (byte[] input in Corpus.Read(target))
            {
                for (int length = 0; length < input.Length; length++)
                {
                    target.Compare(format, input[..length]);
                    prefixes++;
                }
            }

            Console.WriteLine($"  {target.Name,-12} {prefixes,8} prefixes");
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
