using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace BootProtocol.Runtime.Tests.Documentation;

/// <summary>All examples, compiled at once: each is the body of a method in a class of its own.</summary>
internal sealed class ExampleCompilation
{
    private const string Namespace = "Examples";
    private const string Names = "Names";
    private const string Method = "Run";

    private static readonly CSharpParseOptions _language = new(LanguageVersion.CSharp14);

    private static readonly string[] _frameworkNamespaces =
    [
        "System", "System.Buffers.Binary", "System.Collections.Generic", "System.Collections.Immutable", "System.IO", "System.Linq",
        "System.Text", "System.Text.Json", "System.Threading",
    ];

    private readonly ImmutableArray<Example> _examples;
    private readonly CSharpCompilation _compilation;

    public ExampleCompilation(IEnumerable<Example> examples)
    {
        _examples = [.. examples];
        _compilation = CSharpCompilation.Create(
            "Examples",
            [NamesTree(), .. _examples.Select(Tree)],
            References(),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, concurrentBuild: true));
    }

    /// <summary>Compiles them.</summary>
    /// <param name="assembly">The assembly; null if there are errors.</param>
    /// <returns>The errors, each with its type, the line of its example and the text of that line.</returns>
    public IEnumerable<string> Compile(out Assembly? assembly)
    {
        using var code = new MemoryStream();
        using var symbols = new MemoryStream();
        EmitResult result = _compilation.Emit(code, symbols);
        assembly = result.Success ? Assembly.Load(code.ToArray(), symbols.ToArray()) : null;
        return result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(Describe);
    }

    /// <summary>Runs an example of the compiled ones.</summary>
    /// <returns>What it threw, with the line; null if it ran to its end.</returns>
    public string? Run(Assembly assembly, Example example)
    {
        using var frame = new ExampleFrame();
        Type type = assembly.GetType($"{Namespace}.{ClassOf(_examples.IndexOf(example))}")!;
        var run = type.GetMethod(Method)!.CreateDelegate<Action>(Activator.CreateInstance(type, frame));
        try
        {
            run();
            return null;
        }
        catch (Exception failure)
        {
            string? place = failure.StackTrace!.Split('\n').FirstOrDefault(line => line.Contains($" in {example.Name}:line ", StringComparison.Ordinal));
            return $"{example.Name}{place?[place.LastIndexOf(":line ", StringComparison.Ordinal)..].TrimEnd()}: {failure.GetType().Name}: {failure.Message}";
        }
    }

    private static string ClassOf(int index) => $"Example{index}";

    /// <summary>
    /// The namespaces that all examples use, and the class that they stand in: it has the frame's properties, with a small first letter but
    /// for the console.
    /// </summary>
    private static SyntaxTree NamesTree()
    {
        string usings = string.Concat(_frameworkNamespaces.Concat(PublicTypes.Namespaces).Select(name => $"global using {name}; "));
        IEnumerable<string> properties = typeof(ExampleFrame).GetProperties().Select(property =>
        {
            string name = property.Name == nameof(ExampleFrame.Console) ? property.Name : char.ToLowerInvariant(property.Name[0]) + property.Name[1..];
            return $"protected {property.PropertyType.FullName} {name} => frame.{property.Name};";
        });
        return CSharpSyntaxTree.ParseText(
            $$"""
            {{usings}}
            namespace {{Namespace}};
            public abstract class {{Names}}({{typeof(ExampleFrame).FullName}} frame)
            {
                {{string.Concat(properties)}}
            }
            """,
            _language);
    }

    /// <summary>The class around an example. What the compiler says of its lines names the type in place of a file.</summary>
    private static SyntaxTree Tree(Example example, int index)
    {
        // The names of the type's own namespace come before all others.
        string text = $$"""
            namespace {{Namespace}}
            {
                using {{example.Type.Namespace}};
                public sealed class {{ClassOf(index)}}({{typeof(ExampleFrame).FullName}} frame) : {{Names}}(frame)
                {
                    public void {{Method}}()
                    {
            #line 1 "{{example.Name}}"
            {{example.Code}}
            #line hidden
                    }
                }
            }
            """;
        return CSharpSyntaxTree.ParseText(SourceText.From(text, Encoding.UTF8), _language);
    }

    private string Describe(Diagnostic diagnostic)
    {
        FileLinePositionSpan place = diagnostic.Location.GetMappedLineSpan();
        string code = _examples.FirstOrDefault(example => example.Name == place.Path)?.Code ?? "";
        string line = code.Split('\n').ElementAtOrDefault(place.StartLinePosition.Line) ?? "";
        return $"{place.Path}:line {place.StartLinePosition.Line + 1}: {diagnostic.Id}: {diagnostic.GetMessage()}: {line.Trim()}";
    }

    /// <summary>The framework, and what stands beside the tests.</summary>
    private static IEnumerable<MetadataReference> References() =>
        from path in ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
        let name = Path.GetFileName(path)
        where name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("BootProtocol", StringComparison.Ordinal)
            || name == typeof(ExampleFrame).Assembly.GetName().Name + ".dll"
        select MetadataReference.CreateFromFile(path);
}
