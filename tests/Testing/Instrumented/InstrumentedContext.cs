using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using SharpFuzz;
using SharpFuzz.Common;

namespace BootProtocol.Testing;

/// <summary>Loads copies of the libraries in which every branch is counted, and of what uses them, from the program's folder.</summary>
/// <param name="instrumented">Names of the assemblies to count in. All others of ours are loaded as they are.</param>
internal sealed unsafe class InstrumentedContext(params string[] instrumented) : AssemblyLoadContext
{
    /// <summary>Bytes of the counters that each branch writes to: as many as instrumented code has.</summary>
    public const int CounterLength = 1 << 16;

    // Before any instrumented code runs; never freed, since any thread may still count.
    static InstrumentedContext() => Trace.SharedMem = (byte*)NativeMemory.AllocZeroed(CounterLength);

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
