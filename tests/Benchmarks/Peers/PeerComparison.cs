using System.Diagnostics;
using System.Globalization;
using BootProtocol.Decompress;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Testing;

namespace BootProtocol.Benchmarks.Peers;

/// <summary>
/// Times the library against the programs that people use for the same, in turns in one run, so that a machine that is busy is busy for both.
/// Only the ratios mean anything.
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

    /// <summary>Runs all comparisons: every decoder against its tool, then open, decompress and notes against libxenguest's parse.</summary>
    /// <param name="rounds">Rounds of each, after one that is not counted.</param>
    public static void Run(int rounds)
    {
        string folder = Repository.File("tests", ".cache", "benchmarks");
        Directory.CreateDirectory(folder);
        byte[] kernel = Decoders(folder, rounds);
        Console.WriteLine($"kernel of {kernel.Length:n0} bytes; {Environment.ProcessorCount} processors; median of {rounds} rounds");
        Parse(folder, rounds);
    }

    private static byte[] Decoders(string folder, int rounds)
    {
        using BootImage image = BootImage.Open(KernelPath("6.12-amd64"));
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
                Shell($"{program} {pack} -c < {plain} > {packed}");
            byte[] stream = File.ReadAllBytes(packed);
            byte[] payload = name == "gzip" ? stream : [.. stream, .. BitConverter.GetBytes(kernel.Length)];
            (double ours, double theirs) = InTurns(rounds, () => Time(() => Decode(payload, output)), () => Time(() => Shell($"{program} {unpack} < {packed} > /dev/null")));
            if (!output.AsSpan().SequenceEqual(kernel))
                throw new InvalidOperationException($"{name}: not the same bytes");
            Print($"decode {name}", ours, $"{program} {unpack}", theirs);
        }

        return kernel;
    }

    private static void Parse(string folder, int rounds)
    {
        string oracle = Path.Combine(folder, "xg_oracle");
        Shell($"gcc -O2 -rdynamic {Repository.File("tests", "Oracle", "xg_oracle.c")} -o {oracle} -lxenguest -lxenctrl -lxentoollog");
        foreach (string name in new[] { "6.1-cloud-amd64", "6.12-amd64" })
        {
            string path = KernelPath(name);
            (double ours, double theirs) = InTurns(rounds, () => Time(() => OpenAndReadNotes(path)), () => OracleParse(oracle, path));
            Print($"open, decompress, notes {name}", ours, "libxenguest parse", theirs);
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
        string[] lines = Shell($"{oracle} pv {path} - '' 256 - 2 2>&1").Split('\n', StringSplitOptions.RemoveEmptyEntries);
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

    private static (double Ours, double Theirs) InTurns(int rounds, Func<double> ours, Func<double> theirs)
    {
        ours();
        theirs();
        var times = Enumerable.Range(0, rounds).Select(_ => (Ours: ours(), Theirs: theirs())).ToList();
        return (Median(times.Select(pair => pair.Ours)), Median(times.Select(pair => pair.Theirs)));
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static double Time(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static void Print(string what, double ours, string peer, double theirs)
        => Console.WriteLine($"{what,-40} {ours,8:f1} ms   {peer,-24} {theirs,8:f1} ms   ratio {ours / theirs:f2}");

    private static string Shell(string command)
    {
        using Process process = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{command} ended with {process.ExitCode}");
    }

    private static string KernelPath(string name)
    {
        string path = Repository.File("tests", ".cache", "kernels", name, "vmlinuz");
        return File.Exists(path) ? path : throw new FileNotFoundException("tests/kernels.sh fetches the kernels.", path);
    }
}
