using System.Formats.Tar;
using System.IO.Compression;
using System.IO.Hashing;
using BootProtocol.Testing;

namespace BootProtocol.Fuzz;

/// <summary>The inputs of each target that are kept: small ones in the repository, one archive a target, and what runs find in artifacts/fuzz.</summary>
internal static class Corpus
{
    /// <summary>The most bytes of an input in the repository.</summary>
    public const int MaximumLength = 4096;

    /// <summary>An input's name: a hash of its bytes.</summary>
    public static string NameOf(byte[] input) => Convert.ToHexStringLower(XxHash64.Hash(input));

    /// <summary>The inputs in the repository; none of a target that is new.</summary>
    public static List<byte[]> Read(Target target)
    {
        if (!File.Exists(PathOf(target)))
            return [];
        using var stream = new GZipStream(File.OpenRead(PathOf(target)), CompressionMode.Decompress);
        using var archive = new TarReader(stream);
        var inputs = new List<byte[]>();
        while (archive.GetNextEntry() is { } entry)
        {
            byte[] input = new byte[entry.Length];
            entry.DataStream?.ReadExactly(input);
            inputs.Add(input);
        }

        return inputs;
    }

    /// <summary>Replaces the inputs in the repository. The same inputs make the same file.</summary>
    public static void Write(Target target, IEnumerable<byte[]> inputs)
    {
        using var stream = new GZipStream(File.Create(PathOf(target)), CompressionLevel.SmallestSize);
        using var archive = new TarWriter(stream, TarEntryFormat.Ustar);
        foreach (byte[] input in inputs.OrderBy(NameOf, StringComparer.Ordinal))
        {
            using var data = new MemoryStream(input);
            archive.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, NameOf(input)) { DataStream = data, ModificationTime = DateTimeOffset.UnixEpoch });
        }
    }

    /// <summary>What runs have found since the folder was last emptied, and what else was put there.</summary>
    public static IEnumerable<byte[]> ReadFound(Target target) => Directory.CreateDirectory(FolderOf(target)).EnumerateFiles()
        .OrderBy(static file => file.Name, StringComparer.Ordinal).Select(static file => File.ReadAllBytes(file.FullName));

    /// <summary>Keeps an input that a run has found.</summary>
    public static void AddFound(Target target, byte[] input) =>
        File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(FolderOf(target)).FullName, NameOf(input)), input);

    private static string PathOf(Target target) => Repository.File("tests", "Fuzz", "Corpus", $"{target.Name}.tar.gz");

    private static string FolderOf(Target target) => Repository.File("artifacts", "fuzz", "found", target.Name);
}
