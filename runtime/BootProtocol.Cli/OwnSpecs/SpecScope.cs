using System.Globalization;
using BootProtocol.Generators.Binding;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Cli.OwnSpecs;

/// <summary>Spec files that are read together: each may use the types of the others, and those further away that no file replaces.</summary>
internal sealed class SpecScope
{
    // What C# would call the types does not matter here; namespaces of their own keep the shipped ones and the others apart.
    private const string ShippedNamespace = "BootProtocol";
    private const string OwnNamespace = "BootSpecs";
    private const string NearNamespace = "NearSpecs";

    private readonly Dictionary<string, SpecDeclaration> _declarations = new(StringComparer.Ordinal);
    private readonly Lazy<SpecLibrary> _library;

    /// <summary>Binds the files.</summary>
    /// <param name="own">The files that belong together: a name that two of them declare is a mistake.</param>
    /// <param name="near">Files that are looked up first where none of those declares a name, and before the shipped ones.</param>
    public SpecScope(IEnumerable<SpecFile> own, IEnumerable<SpecFile> near)
    {
        List<SpecSource> sources = [];
        foreach (SpecFile file in own.OrderBy(static file => file.Path, StringComparer.Ordinal))
            Add(file, file.Path, OwnNamespace);
        int number = 0;
        foreach (SpecFile file in near.OrderBy(static file => file.Path, StringComparer.Ordinal))
            Add(WithoutKnown(file), file.Path, string.Create(CultureInfo.InvariantCulture, $"{NearNamespace}{number++}"));
        foreach (SpecFile file in SpecFiles.Shipped)
            Add(WithoutKnown(file), null, ShippedNamespace);
        Bound = SpecBinder.Bind(sources);
        _library = new Lazy<SpecLibrary>(() => new FileLibrary(Bound, static name => name.StartsWith(OwnNamespace, StringComparison.Ordinal)));

        void Add(SpecFile file, string? path, string rootNamespace)
        {
            sources.Add(new SpecSource(file, rootNamespace, IsImport: false));
            foreach (BlockSyntax block in file.Blocks)
                _declarations.TryAdd(block.Name.Value, new SpecDeclaration(block, path));
        }
    }

    /// <summary>The models of all files, and what is wrong with them.</summary>
    public BindResult Bound { get; }

    /// <summary>The tables of all files; those of the files that belong together are listed.</summary>
    public SpecLibrary Library => _library.Value;

    /// <summary>All declarations.</summary>
    public IReadOnlyCollection<SpecDeclaration> Declarations => _declarations.Values;

    /// <summary>What declares a name; null if nothing does.</summary>
    public SpecDeclaration? Find(string name) => _declarations.GetValueOrDefault(name);

    private SpecFile WithoutKnown(SpecFile file) =>
        file with { Blocks = [.. file.Blocks.Where(block => !_declarations.ContainsKey(block.Name.Value))] };
}
