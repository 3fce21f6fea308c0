using System.Reflection;
using System.Runtime.Loader;
using SharpFuzz;

namespace BootProtocol.Testing;

/// <summary>Loads copies of the libraries in which every branch is counted, and of what uses them, from the program's folder.</summary>
/// <param name="instrumented">Names of the assemblies to count in. All others of ours are loaded as they are.</param>
internal sealed class InstrumentedContext(params string[] instrumented) : AssemblyLoadContext
{
    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        string name = assemblyName.Name!;
        string path = Path.Combine(AppContext.BaseDirectory, $"{name}.dll");
        if (instrumented.Contains(name))
            return LoadInstrumented(path);
        bool isOurs = name == "bootproto" || name.StartsWith("BootProtocol", StringComparison.Ordinal);
        return isOurs ? LoadFromAssemblyPath(path) : null;
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
