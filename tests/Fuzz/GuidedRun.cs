using System.Diagnostics;
using BootProtocol.Fuzz.Readers;

namespace BootProtocol.Fuzz;

/// <summary>Changes inputs at random; those that take an edge no other took, or one more often, are changed further.</summary>
internal sealed class GuidedRun
{
    /// <summary>Inputs of one target in a row, between two looks at the clock.</summary>
    private const int Turn = 64;

    private readonly int _seed;
    private readonly Random _random;
    private readonly Mutator _mutator;
    private readonly List<Pool> _pools;

    /// <summary>Makes a run; the seed decides its changes.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="names">The targets; all of them if there are none.</param>
    public GuidedRun(int seed, IReadOnlyCollection<string> names)
    {
        _pools = [.. Target.All.Where(target => names.Count == 0 || names.Contains(target.Name)).Select(static target => new Pool(target))];
        _seed = seed;
        _random = new Random(seed);
        _mutator = new Mutator(_random);
    }

    /// <summary>Runs for a time.</summary>
    /// <exception cref="FindingException">The library failed.</exception>
    public void Run(TimeSpan time)
    {
        Console.WriteLine($"{time.TotalSeconds} s, seed {_seed}");
        foreach (Pool pool in _pools)
        {
            foreach (byte[] input in Corpus.Read(pool.Target).Concat(pool.Target.Seeds()).Prepend([]))
                pool.Start(input);
        }

        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < time)
        {
            // Each target gets the same time, however long its inputs take.
            Pool pool = _pools.MinBy(static pool => pool.Time)!;
            long start = clock.ElapsedTicks;
            for (int i = 0; i < Turn; i++)
                pool.Try(_mutator.Mutate(pool.Target, pool.Choose(_random), pool.Choose(_random)));
            pool.Time += clock.ElapsedTicks - start;
        }

        foreach (Pool pool in _pools)
            Console.WriteLine(pool);
        Console.WriteLine($"{_pools.Sum(static pool => pool.Edges)} edges: nothing but results and BootException");
    }

    /// <summary>A target's inputs, and the edges that they take.</summary>
    private sealed class Pool(Target target)
    {
        private readonly CoverageMap _seen = new();
        private readonly List<Entry> _inputs = [];
        private int _first;
        private int _firstEdges;
        private long _read;

        public Target Target { get; } = target;

        public long Time { get; set; }

        public int Edges => _seen.Edges;

        /// <summary>Takes an input to start from.</summary>
        public void Start(byte[] input)
        {
            CoverageMap.Restart();
            Target.ReadAgain(input, Target.Read(input));
            _seen.Add();
            _inputs.Add(new Entry(input));
            _first = _inputs.Count;
            _firstEdges = Edges;
        }

        /// <summary>Reads an input, and keeps it if it shows anything new.</summary>
        /// <param name="input">The input.</param>
        /// <param name="mends">How often to go on with a better one.</param>
        public void Try(byte[] input, int mends = 4)
        {
            CoverageMap.Restart();
            Facts facts = Target.Read(input);
            _read++;
            // What finalizers count in between is not this input's, and not there the next time.
            if (_seen.HasNews() && IsNewAgain(input, facts))
            {
                _inputs.Add(new Entry(input));
                Corpus.AddFound(Target, input);
            }

            if (facts.Mended is { } mended && mends > 0)
                Try(mended, mends - 1);
        }

        private bool IsNewAgain(byte[] input, Facts facts)
        {
            CoverageMap.Restart();
            Target.ReadAgain(input, facts);
            return _seen.Add();
        }

        /// <summary>An input to change: of two at random that which was changed less often.</summary>
        public byte[] Choose(Random random)
        {
            Entry one = _inputs[random.Next(_inputs.Count)];
            Entry other = _inputs[random.Next(_inputs.Count)];
            Entry chosen = one.Uses < other.Uses ? one : other;
            chosen.Uses++;
            return chosen.Input;
        }

        /// <inheritdoc/>
        public override string ToString() =>
            $"  {Target.Name,-12} {_read,8} inputs, {_inputs.Count - _first,5} kept, {_firstEdges,5} -> {Edges,5} edges";
    }

    private sealed class Entry(byte[] input)
    {
        public byte[] Input { get; } = input;

        public int Uses { get; set; }
    }
}
