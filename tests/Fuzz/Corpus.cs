using System.IO.Compression;
using System.IO.Hashing;
using BootProtocol.Testing;

namespace BootProtocol.Fuzz;

/// <summary>The inputs of each target that are kept: small ones in the repository, a ZIP file a target, and what runs find in artifacts/fuzz.</summary>
internal static class Corpus
{
    /// <summary>The most bytes of an input in the repository.</summary>
    public const int MaximumLength = 4096;

    /// <summary>What entries have for a time, so that the same inputs make the same file.</summary>
    private static readonly DateTimeOffset _noTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>An input's name: a hash of its bytes.</summary>
    public static string NameOf(byte[] input) => Convert.ToHexStringLower(XxHash64.Hash(input));

    /// <summary>The inputs in the repository; none of a target that is new.</summary>
    public static List<byte[]> Read(Target target)
    {
        if (!File.Exists(PathOf(target)))
            return [];
        using ZipArchive archive = ZipFile.OpenRead(PathOf(target));
        var inputs = new List<byte[]>();
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            byte[] input = new byte[entry.Length];
            using Stream stream = entry.Open();
            stream.ReadExactly(input);
            inputs.Add(input);
        }

        return inputs;
    }

    /// <summary>Replaces the inputs in the repository.</summary>
    public static void Write(Target target, IEnumerable<byte[]> inputs)
    {
        using FileStream file = File.Create(PathOf(target));
        using var archive = new ZipArchive(file, ZipArchiveMode.Create);
        foreach ((string name, byte[] input) in inputs.Select(static input => (NameOf(input), input)).OrderBy(static named => named.Item1, StringComparer.Ordinal))
        {
            ZipArchiveEntry entry = archive.CreateEntry(name, CompressionLevel.SmallestSize);
            entry.LastWriteTime = _noTime;
            using Stream stream = entry.Open();
            stream.Write(input);
        }
    }

    /// <summary>What runs have found since the folder was last emptied, and what else was put there.</summary>
    public static IEnumerable<byte[]> ReadFound(Target target) => Directory.CreateDirectory(FolderOf(target)).EnumerateFiles()
        .OrderBy(static file => file.Name, StringComparer.Ordinal).Select(static file => File.ReadAllBytes(file.FullName));

    /// <summary>Keeps an input that a run has found.</summary>
    public static void AddFound(Target target, byte[] input) =>
        File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(FolderOf(target)).FullName, NameOf(input)), input);

    private static string PathOf(Target target) => Repository.File("tests", "Fuzz", "Corpus", $"{target.Name}.zip");

    private static string FolderOf(Target target) => Repository.File("artifacts", "fuzz", "found", target.Name);
}
