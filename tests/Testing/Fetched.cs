using System.Text.RegularExpressions;

namespace BootProtocol.Testing;

/// <summary>What tests/kernels.sh puts into tests/.cache.</summary>
internal static partial class Fetched
{
    /// <summary>The newest versions that these tests were made with, by the software's name in a package's name.</summary>
    private static readonly (string Package, Version Version)[] _known =
    [
        ("linux-binary-", new(7, 3)), ("linux-image-", new(7, 3)), ("linux-libc-dev_", new(7, 3)),
        ("libxen-dev_", new(4, 20)), ("libc6-dev_", new(2, 43)), ("grub-xen-host_", new(2, 14)),
    ];

    /// <summary>
    /// A file or folder. If it is missing, the test is skipped with the reason, which for what the script could not have, such as that of a
    /// newer suite, is the script's own. In continuous integration, where the environment variable <c>CI</c> is <c>true</c>, nothing else
    /// may be missing: the test fails.
    /// </summary>
    /// <param name="kind">The folder in tests/.cache: kernels or headers; empty for tests/.cache itself.</param>
    /// <param name="name">The folder of one package, or set of them, in that.</param>
    /// <param name="file">The file in it.</param>
    public static string Find(string kind, string name, string file)
    {
        NeedsAttribute.Check(Need.Kernels, $"{name}/{file}");
        string path = Repository.File("tests", ".cache", kind, name, file);
        if (File.Exists(path))
            return path;
        string missing = Repository.File("tests", ".cache", kind, $"{name}.missing");
        if (File.Exists(missing))
            Assert.Skip($"{name} could not be fetched: {File.ReadAllText(missing).Trim()}");
        string reason = $"{name}/{file} is not there: run tests/kernels.sh";
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", reason);
        Assert.Skip(reason);
        return path;
    }

    /// <summary>Whether a file that tests can do without was fetched.</summary>
    /// <param name="name">The folder of one package, or set of them, in <c>tests/.cache/kernels</c>.</param>
    /// <param name="file">The file in it.</param>
    public static bool Has(string name, string file) => File.Exists(Repository.File("tests", ".cache", "kernels", name, file));

    /// <summary>Whether a kernel or another image is newer than all that these tests were made with.</summary>
    public static bool IsNewer(string name)
    {
        string package = Repository.File("tests", ".cache", "kernels", name, "PACKAGE");
        return File.Exists(package) && IsBeyond(File.ReadAllText(package).Trim());
    }

    /// <summary>Checks something that may be newer than all that these tests were made with: then a failure is a skipped test that says so.</summary>
    /// <param name="packages">The names of the files of the packages that it came in.</param>
    /// <param name="checks">The checks.</param>
    public static void Check(IEnumerable<string> packages, Action checks)
    {
        string[] beyond = [.. packages.Where(IsBeyond)];
        try
        {
            checks();
        }
        catch (Exception failure) when (beyond.Length > 0 && failure is not Xunit.Sdk.SkipException)
        {
            Assert.Skip($"{string.Join(", ", beyond)}: newer than these tests, and not as they expect: {failure.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>Major and minor version of a Debian package, without the epoch.</summary>
    /// <param name="file">Its file's name, or <c>NAME_VERSION</c>.</param>
    public static Version VersionOf(string file)
    {
        Match match = PackageVersion().Match(file);
        Assert.True(match.Success, $"'{file}' names no version of a package");
        return new Version(int.Parse(match.Groups[1].ValueSpan), int.Parse(match.Groups[2].ValueSpan));
    }

    private static bool IsBeyond(string file)
        => _known.Any(known => file.StartsWith(known.Package, StringComparison.Ordinal) && VersionOf(file) > known.Version);

    [GeneratedRegex(@"_(?:\d+(?:%3a|:))?(\d+)\.(\d+)")]
    private static partial Regex PackageVersion();
}
