using System.Reflection;
using System.Runtime.Loader;
using BootProtocol.Testing;
using SharpFuzz;

namespace BootProtocol.Fuzz;

/// <summary>Loads copies of the libraries in which every branch is counted.</summary>
internal sealed class InstrumentedContext : AssemblyLoadContext
{
    private static readonly string[] _instrumented = ["BootProtocol", "BootProtocol.Specs"];

    /// <summary>Uses the libraries, so it has to use the same copies of them.</summary>
    private static readonly string[] _beside = ["BootProtocol.Stubs"];

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        string name = assemblyName.Name!;
        string path = Path.Combine(AppContext.BaseDirectory, $"{name}.dll");
        if (_beside.Contains(name))
            return LoadFromAssemblyPath(path);
        return _instrumented.Contains(name) ? LoadInstrumented(path) : null;
    }

    private Assembly LoadInstrumented(string path)
    {
        using var folder = new TemporaryFolder();
        string copy = folder.File(Path.GetFileName(path));
        File.Copy(path, copy);
        // The types are listed as they are enumerated.
        _ = Fuzzer.Instrument(copy, static _ => true, Options.Value).Count();
        using var bytes = new MemoryStream(File.ReadAllBytes(copy));
        return LoadFromStream(bytes);
    }
}
