using System;
using System.Collections.Generic;
using System.Linq;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Model;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Binding;

/// <summary>All declared names of a compilation. Structures are laid out when they are first asked for, so that files may stand in any order.</summary>
internal sealed class TypeTable
{
    private readonly Dictionary<string, Declaration> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Declaration> _byCSharpName = new(StringComparer.Ordinal);
    private readonly List<Declaration> _declarations = [];

    public IReadOnlyList<Declaration> Declarations => _declarations;

    public IEnumerable<string> Names => _byName.Keys.Concat(PrimitiveType.All.Keys);

    public void Declare(SpecSource source, BlockSyntax block, ProblemList problems)
    {
        Located<string> written = block.CSharpName ?? block.Name;
        string csharpName = block.CSharpName?.Value ?? CSharpNames.Pascal(block.Name.Value);
        string protocol = CSharpNames.Pascal(source.File.Protocol?.Name.Value ?? "");
        string @namespace = protocol.Length == 0 ? source.RootNamespace : $"{source.RootNamespace}.{protocol}";
        var declaration = new Declaration(source, block, csharpName, @namespace, problems);
        if (!CSharpNames.IsName(csharpName))
        {
            problems.Add(SpecDescriptors.NotACSharpName, written.Range, written.Value, csharpName);
            return;
        }

        if (_byName.TryGetValue(block.Name.Value, out Declaration first))
        {
            string file = System.IO.Path.GetFileName(first.Source.File.Path);
            problems.Add(SpecDescriptors.DuplicateType, block.Name.Range, block.Name.Value, $"{file} line {first.Syntax.Name.Range.Line + 1}");
            return;
        }

        if (_byCSharpName.TryGetValue(declaration.FullCSharpName, out Declaration taker))
        {
            problems.Add(SpecDescriptors.NameTaken, written.Range, block.Name.Value, csharpName, $"'{taker.Name}'");
            return;
        }

        _byName.Add(block.Name.Value, declaration);
        _byCSharpName.Add(declaration.FullCSharpName, declaration);
        _declarations.Add(declaration);
    }

    public Declaration? Find(string name) => _byName.TryGetValue(name, out Declaration declaration) ? declaration : null;

    /// <summary>The layout of a structure; null if it has none, because it contains itself or is broken beyond that.</summary>
    public StructModel? Structure(Declaration declaration)
    {
        if (declaration.Structure is null && !declaration.IsInProgress && declaration.Syntax is StructSyntax syntax)
        {
            declaration.IsInProgress = true;
            declaration.Structure = new StructBinder(this, declaration, syntax).Bind();
            declaration.IsInProgress = false;
        }

        return declaration.Structure;
    }
}
