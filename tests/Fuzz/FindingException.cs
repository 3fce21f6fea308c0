using BootProtocol.Testing;

namespace BootProtocol.Fuzz;

/// <summary>An input that the library fails at. It is kept as a file.</summary>
internal sealed class FindingException(Target target, byte[] input, string what) : Exception($"{Keep(target, input)}: {what}")
{
    /// <summary>Keeps an input as a file.</summary>
    /// <returns>The file's path.</returns>
    public static string Keep(Target target, byte[] input)
    {
        string folder = Repository.File("artifacts", "fuzz", "failed");
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, $"{target.Name}-{Corpus.NameOf(input)}");
        File.WriteAllBytes(path, input);
        return path;
    }
}
