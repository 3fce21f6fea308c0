using System.Collections.Concurrent;
using BootProtocol.Testing;

namespace BootProtocol.Layout.Tests.Headers;

/// <summary>C headers of one release: those of this machine, or those that tests/kernels.sh fetched.</summary>
internal sealed class HeaderSet
{
    private const string InstalledName = "installed";
    private static readonly ConcurrentDictionary<string, HeaderSet> _read = new();
    private static readonly (string Software, string Package)[] _software = [("linux", "linux-libc-dev"), ("xen", "libxen-dev"), ("glibc", "libc6-dev")];

    private readonly string[] _packages;
    private readonly Dictionary<string, Version> _versions;

    private HeaderSet(string name, string? folder, string[] packages)
    {
        Name = name;
        Folder = folder;
        _packages = packages;
        _versions = _software.ToDictionary(
            software => software.Software,
            software => Fetched.VersionOf(packages.Single(package => package.StartsWith(software.Package + "_", StringComparison.Ordinal))));
    }

    /// <summary>The headers that gcc finds by itself.</summary>
    public static HeaderSet Installed => Get(InstalledName);

    /// <summary>All sets, each for both word sizes.</summary>
    public static TheoryData<string, int> All
    {
        get
        {
            var all = new TheoryData<string, int>();
            foreach (string name in new[] { InstalledName, "bookworm", "trixie", "sid" })
            {
                all.Add(name, 32);
                all.Add(name, 64);
            }

            return all;
        }
    }

    public string Name { get; }

    /// <summary>Where the headers lie; null for those that gcc finds by itself.</summary>
    public string? Folder { get; }

    /// <summary>The options by which gcc takes these headers before its own.</summary>
    public IEnumerable<string> Options
        => Folder is null ? [] : ["-isystem", Path.Combine(Folder, "include"), "-isystem", Path.Combine(Folder, "include", "x86_64-linux-gnu")];

    /// <summary>A set by its name; one that could not be fetched skips the test.</summary>
    public static HeaderSet Get(string name)
    {
        if (name == InstalledName)
            return _read.GetOrAdd(name, _ => new HeaderSet(name, null, Ask()));
        string packages = Fetched.Find("headers", name, "PACKAGES");
        return _read.GetOrAdd(name, _ => new HeaderSet(name, Path.GetDirectoryName(packages), File.ReadAllLines(packages)));
    }

    /// <summary>Whether the headers are of that version of a program, or of a later one.</summary>
    public bool IsFrom(string software, Version version) => _versions[software] >= version;

    /// <summary>Checks something of these headers; where they are newer than these tests, a failure is a skipped test that says so.</summary>
    public void Check(Action checks) => Fetched.Check(_packages, checks);

    /// <summary>What is installed, as names of packages are written in a cache.</summary>
    private static string[] Ask()
        => ToolRun.Start("dpkg-query", ["-W", "-f", "${Package}_${Version}\n", .. _software.Select(software => software.Package)], Path.GetTempPath())
            .Succeeded()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
