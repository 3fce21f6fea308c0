using System.Reflection;
using BootProtocol.Xen;
using BootProtocol.Xen.Store;

namespace BootProtocol.Runtime.Tests.Documentation;

/// <summary>The examples in the documentation of the public types: every type has one, and it compiles and runs.</summary>
public sealed class ExampleTests
{
    /// <summary>Examples that are compiled but not run, and why.</summary>
    private static readonly Dictionary<Type, string> _compiledOnly = new()
    {
        [typeof(Hypervisor)] = "It opens the Xen of this machine, and hardly any has one.",
        [typeof(StoreClient)] = "It reads the xenstore of this machine, where one runs.",
    };

    [Fact]
    public void Every_public_type_has_an_example()
    {
        HashSet<Type> shown = [.. PublicTypes.Examples.Select(example => example.Type)];
        AssertNone(PublicTypes.Outer.Where(type => !shown.Contains(type)).Select(type => $"{Example.NameOf(type)} has no example."));
    }

    [Fact]
    public void Every_example_compiles_and_runs()
    {
        Example[] examples = [.. PublicTypes.Examples];
        var compilation = new ExampleCompilation(examples);
        AssertNone(compilation.Compile(out Assembly? assembly));
        AssertNone(_compiledOnly.Keys.Except(examples.Select(example => example.Type)).Select(type => $"{Example.NameOf(type)} has no example to leave out."));
        AssertNone(examples.Where(example => !_compiledOnly.ContainsKey(example.Type)).Select(example => compilation.Run(assembly!, example)).OfType<string>());
    }

    private static void AssertNone(IEnumerable<string> faults)
    {
        string[] found = [.. faults];
        Assert.True(found.Length == 0, string.Join('\n', found));
    }
}
