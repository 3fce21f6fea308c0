using System.Globalization;
using BootProtocol.Decompress;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Testing;

namespace BootProtocol.Benchmarks.Peers;

/// <summary>
/// Times the library against the programs that people use for the same, in turns in one run, so that a machine that is busy is busy for
/// both. Only the ratios mean anything.
/// </summary>
internal static class PeerComparison
{
    private static readonly (string Name, string Program, string Pack, string Unpack)[] Tools =
    [
        ("gzip", "gzip", "-9n", "-dc"),
        ("bzip2", "bzip2", "-9", "-dc"),
        ("lzma", "xz", "--format=lzma -9", "--format=lzma -dc"),
        ("xz", "xz", "--check=crc32 --x86 --lzma2=dict=32MiB", "-dc"),
        ("lzo", "lzop", "-9", "-dc"),
        ("lz4", "lz4", "-l -9", "-dc"),
        ("zstd", "zstd", "-22 --ultra -T2", "-dc --long=31"),
    ];

    /// <summary>
    /// Runs all comparisons: every decoder against its tool, open, decompress and notes against libxenguest's parse, and PVH and PV domains
    /// against libxenguest's.
    /// </summary>
    /// <param name="rounds">Rounds of each, after one that is not counted.</param>
    /// <param name="what">One of them: decode, parse, domains; null for all.</param>
    public static void Run(int rounds, string? what)
    {
        Console.WriteLine($"{Environment.ProcessorCount} processors; median of {rounds} rounds");
        if (what is null or "decode")
            Decoders(Repository.File("tests", ".cache", "benchmarks"), rounds);
        string folder = Repository.File("artifacts", "benchmarks");
        Directory.CreateDirectory(folder);
        string oracle = Path.Combine(folder, "xg_oracle");
        string source = Repository.File("tests", "Oracle", "xg_oracle.c");
        Rounds.Shell($"gcc -O2 -rdynamic {source} -o {oracle} -lxenguest -lxenctrl -lxentoollog");
        if (what is null or "parse")
            Parse(oracle, rounds);
        if (what is null or "domains")
            DomainComparison.Run(oracle, folder, rounds);
    }

    private static void Decoders(string folder, int rounds)
    {
        Directory.CreateDirectory(folder);
        using BootImage image = BootImage.Open(Rounds.KernelPath("6.12-amd64"));
        using Kernel opened = image.Decompress();
        byte[] kernel = opened.DecodeAll().ToArray();
        string plain = Path.Combine(folder, "kernel");
        if (!File.Exists(plain) || !File.ReadAllBytes(plain).AsSpan().SequenceEqual(kernel))
        {
            foreach (string old in Directory.GetFiles(folder, "kernel*"))
                File.Delete(old);
            File.WriteAllBytes(plain, kernel);
        }

        byte[] output = new byte[kernel.Length];
        foreach ((string name, string program, string pack, string unpack) in Tools)
        {
            string packed = $"{plain}.{name}";
            if (!File.Exists(packed))
                Rounds.Shell($"{program} {pack} -c < {plain} > {packed}");
            byte[] stream = File.ReadAllBytes(packed);
            byte[] payload = name == "gzip" ? stream : [.. stream, .. BitConverter.GetBytes(kernel.Length)];
            (double ours, double theirs) = Rounds.InTurns(
                rounds,
                () => Rounds.Time(() => Decode(payload, output)),
                () => Rounds.Time(() => Rounds.Shell($"{program} {unpack} < {packed} > /dev/null")));
            if (!output.AsSpan().SequenceEqual(kernel))
                throw new InvalidOperationException($"{name}: not the same bytes");
            Rounds.Print($"decode {name}", ours, $"{program} {unpack}", theirs);
        }
    }

    private static void Parse(string oracle, int rounds)
    {
        foreach (string name in new[] { "6.1-cloud-amd64", "6.12-amd64" })
        {
            string path = Rounds.KernelPath(name);
            (double ours, double theirs) = Rounds.InTurns(
                rounds, () => Rounds.Time(() => OpenAndReadNotes(path)), () => OracleParse(oracle, path));
            Rounds.Print($"open, decompress, notes {name}", ours, "libxenguest parse", theirs);
        }
    }

    private static void OpenAndReadNotes(string path)
    {
        using BootImage image = BootImage.Open(path);
        using Kernel kernel = image.Decompress();
        kernel.DecodeAll();
        if (kernel.Notes.Xen.Entry is null)
            throw new InvalidOperationException($"{path}: no ENTRY note");
    }

    /// <summary>The oracle prints how long each run's parse took: read, decompress, ELF and notes. The second run is a warm one.</summary>
    private static double OracleParse(string oracle, string path)
    {
        string[] lines = Rounds.Shell($"{oracle} pv {path} - '' 256 - 2 2>&1").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string parse = lines.Last(line => line.StartsWith("parse ", StringComparison.Ordinal)).Split(' ')[1];
        return double.Parse(parse, CultureInfo.InvariantCulture);
    }

    private static void Decode(byte[] payload, byte[] output)
    {
        using PayloadDecoder decoder = PayloadDecoder.Create(payload);
        decoder.Decode(output, output.Length);
        if (!decoder.IsComplete)
            throw new InvalidOperationException("The payload does not end where it says.");
    }
}
