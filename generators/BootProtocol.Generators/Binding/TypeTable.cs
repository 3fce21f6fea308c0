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
    /// <summary>How many structures may stand inside of each other: no boot protocol comes near it, and no spec can use up the stack.</summary>
    public const int MostNested = 64;

    private const string Namespace = "a namespace";

    private readonly Dictionary<string, Declaration> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _takers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _hintNames = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Declaration> _declarations = [];
    private int _nested;

    public IReadOnlyList<Declaration> Declarations => _declarations;

    public IEnumerable<string> Names => _byName.Keys.Concat(PrimitiveType.All.Keys);

    /// <summary>Notes the namespace of the catalog, which is a class there.</summary>
    public void DeclareCatalog(string @namespace) => _takers.Add($"{@namespace}.{CSharpNames.Catalog}", "the class that lists everything");

    /// <summary>Notes the namespace of a file's types; false if a class has that name, which has been reported.</summary>
    public bool DeclareNamespace(SpecSource source, ProblemList problems)
    {
        string[] parts = source.Namespace.Split('.');
        for (int count = 1; count <= parts.Length; count++)
        {
            string name = string.Join(".", parts.Take(count));
            if (!_takers.TryGetValue(name, out string? taker))
            {
                _takers.Add(name, Namespace);
            }
            else if (taker != Namespace)
            {
                Located<string> protocol = source.File.Protocol?.Name ?? default;
                problems.AddTaken(protocol.Range, protocol.Value ?? "", name, taker, canRename: false);
                return false;
            }
        }

        return true;
    }

    public void Declare(SpecSource source, BlockSyntax block, ProblemList problems)
    {
        Located<string> written = block.CSharpName ?? block.Name;
        string csharpName = block.CSharpName?.Value ?? CSharpNames.Pascal(block.Name.Value);
        var declaration = new Declaration(source, block, csharpName, problems);
        if (PrimitiveType.All.ContainsKey(block.Name.Value))
        {
            problems.Add(SpecDescriptors.DuplicateType, block.Name.Range, block.Name.Value, "the language itself");
            return;
        }

        if (_byName.TryGetValue(block.Name.Value, out Declaration? first))
        {
            string file = System.IO.Path.GetFileName(first.Source.File.Path);
            problems.Add(SpecDescriptors.DuplicateType, block.Name.Range, block.Name.Value, $"{file} line {first.Syntax.Name.Range.Line + 1}");
            return;
        }

        // A block that cannot be generated is known all the same: rows of its type get no message of their own.
        _byName.Add(block.Name.Value, declaration);
        if (block.RowCount == 0)
            problems.Add(SpecDescriptors.NoRows, block.Name.Range, block.Name.Value);
        if (!CSharpNames.IsName(csharpName))
        {
            problems.Add(SpecDescriptors.NotACSharpName, written.Range, written.Value, csharpName);
            return;
        }

        foreach (string name in declaration.TypeNames)
        {
            if (Taker(declaration, name) is not { } taker)
                continue;
            problems.AddTaken(written.Range, block.Name.Value, name, taker);
            return;
        }

        foreach (string name in declaration.TypeNames)
            _takers.Add($"{declaration.Namespace}.{name}", $"'{declaration.Name}'");
        declaration.HintName = HintName(declaration);
        declaration.IsGenerated = block.RowCount > 0;
        _declarations.Add(declaration);
    }

    private string? Taker(Declaration declaration, string name)
    {
        if (declaration.Syntax is StructSyntax && CSharpNames.Declared.Contains(name))
            return "a member that every structure has";
        if (declaration.Syntax is ChoiceSyntax && CSharpNames.DeclaredInChoices.Contains(name))
            return "a member that every choice has";
        if (declaration.Syntax is NotesSyntax && CSharpNames.DeclaredInNotes.Contains(name))
            return "a member that every notes block has";
        return _takers.TryGetValue($"{declaration.Namespace}.{name}", out string? taker) ? taker : null;
    }

    public Declaration? Find(string name) => _byName.TryGetValue(name, out Declaration? declaration) ? declaration : null;

    /// <summary>Full C# names that differ only in case would be one file name: all but the first of them get a number.</summary>
    private string HintName(Declaration declaration)
    {
        if (declaration.Source.IsImport)
            return "";
        string name = $"{declaration.Namespace}.{declaration.CSharpName}".Replace("@", "");
        _hintNames.TryGetValue(name, out int earlier);
        _hintNames[name] = earlier + 1;
        return earlier == 0 ? $"{name}.g.cs" : $"{name}.{earlier + 1}.g.cs";
    }

    /// <summary>The values of flags or of an enumeration; null if it has none, because it is broken.</summary>
    public EnumModel? Enumeration(Declaration declaration)
    {
        if (declaration is { Enumeration: null, IsGenerated: true, Syntax: EnumSyntax syntax })
            declaration.Enumeration = new EnumBinder(this, declaration, syntax).Bind();
        return declaration.Enumeration;
    }

    /// <summary>Bits of a field that is a set of flags; null if the field is none, or has no bits of that name.</summary>
    public BitsModel? Bits(FieldModel field, string name) =>
        BitRows(field).FirstOrDefault(row => row.Name == name) is { } row ? new BitsModel(row.LowBit, row.HighBit) : null;

    /// <summary>Reports that a set of flags has no bits of the name that a path ends with, unless a row of it is broken, which could be the one.</summary>
    public void ReportUnknownBits(Declaration owner, FieldModel field, Located<string> path)
    {
        if (Flags(field) is not { Syntax: EnumSyntax syntax } flags || syntax.Rows.Contains(null))
            return;
        string name = path.Value.Substring(path.Value.LastIndexOf('.') + 1);
        string? near = NearName.Find(name, BitRows(field).Select(row => row.Name));
        owner.Problems.AddNear(SpecDescriptors.UnknownValue, path.Range.Last(name.Length), near, flags.Name, name);
    }

    /// <summary>What declares the flags that a field is a set of; null if it is none.</summary>
    private Declaration? Flags(FieldModel field) =>
        field.Type is { Kind: TypeKind.Flags, IsArray: false } ? Find((field.Wide ?? field.Narrow)!.TypeText) : null;

    private EquatableArray<EnumRowModel> BitRows(FieldModel field) =>
        Flags(field) is { } declaration && Enumeration(declaration) is { } flags ? flags.Rows : new EquatableArray<EnumRowModel>([]);

    /// <summary>The alternatives of a choice; null if it has none, because it is broken.</summary>
    public ChoiceModel? Choice(Declaration declaration)
    {
        if (declaration is { Choice: null, IsGenerated: true, Syntax: ChoiceSyntax syntax })
            declaration.Choice = new ChoiceBinder(this, declaration, syntax).Bind();
        return declaration.Choice;
    }

    /// <summary>Whether a structure that is not laid out yet stands too deep inside of others to be laid out now.</summary>
    public bool IsTooDeep(Declaration declaration) =>
        _nested == MostNested && declaration is { IsLaidOut: false, IsInProgress: false, IsGenerated: true, Syntax: StructSyntax };

    /// <summary>The layout of a structure; null if it has none, because it contains itself, stands too deep or is broken beyond that.</summary>
    public StructModel? Structure(Declaration declaration)
    {
        if (declaration is { IsLaidOut: false, IsInProgress: false, IsGenerated: true, Syntax: StructSyntax syntax } && _nested < MostNested)
        {
            _nested++;
            declaration.IsInProgress = true;
            declaration.Structure = new StructBinder(this, declaration, syntax).Bind();
            declaration.IsInProgress = false;
            declaration.IsLaidOut = true;
            _nested--;
        }

        return declaration.Structure;
    }
}
