using System.Reflection;

namespace BootProtocol.Runtime.Tests.Documentation;

/// <summary>The examples in the documentation of the public types: every type has one, and it compiles and runs.</summary>
public sealed class ExampleTests
{
    /// <summary>Examples that are compiled but not run, and why.</summary>
    private static readonly Dictionary<Type, string> _compiledOnly = new()
    {
    };

    [Fact]
    public void Every_public_type_has_an_example()
    {
        HashSet<Type> shown = [.. PublicTypes.Examples.Select(example => example.Type)];
        Assert.Empty(PublicTypes.Outer.Where(type => !shown.Contains(type)).Select(Example.NameOf));
    }

    [Fact]
    public void Every_example_compiles_and_runs()
    {
        Example[] examples = [.. PublicTypes.Examples];
        var compilation = new ExampleCompilation(examples);
        Assert.Empty(compilation.Compile(out Assembly? assembly));
        Assert.Empty(_compiledOnly.Keys.Except(examples.Select(example => example.Type)));
        Assert.Empty(examples.Where(example => !_compiledOnly.ContainsKey(example.Type)).Select(example => compilation.Run(assembly!, example)).OfType<string>());
    }
}
