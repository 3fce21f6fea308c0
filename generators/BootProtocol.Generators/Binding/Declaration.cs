using System.Collections.Generic;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Model;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Binding;

/// <summary>A block that declares a name, with what has been found out about it.</summary>
internal sealed class Declaration(SpecSource source, BlockSyntax syntax, string csharpName, ProblemList problems)
{
    public SpecSource Source { get; } = source;

    public BlockSyntax Syntax { get; } = syntax;

    public string CSharpName { get; } = csharpName;

    public string Namespace => Source.Namespace;

    /// <summary>The name of the generated file; empty for an import, which gets none.</summary>
    public string HintName { get; set; } = "";

    /// <summary>Where problems with this block go: the list of its own file.</summary>
    public ProblemList Problems { get; } = problems;

    public string Name => Syntax.Name.Value;

    public string FullCSharpName => $"global::{Namespace}.{CSharpName}";

    public string Protocol => Source.File.Protocol?.Name.Value ?? "";

    /// <summary>The versions that gates may name: its own, or else those of its file. Null where any plain number is one.</summary>
    public GateSyntax? Versions => (Syntax as StructSyntax)?.Head.Versions ?? Source.File.Protocol?.Versions;

    public bool IsBigEndian => Source.File.Protocol?.IsBigEndian ?? false;

    /// <summary>Whether rows can have it as their type.</summary>
    public bool IsType => Syntax is not (NotesSyntax or EnumSyntax { IsConst: true });

    /// <summary>The C# types that stand in the namespace: the block's own first.</summary>
    public IEnumerable<string> TypeNames
    {
        get
        {
            yield return CSharpName;
            if (Syntax is ChoiceSyntax)
                yield return KindName;
            if (Syntax is not EnumSyntax syntax)
                yield break;
            yield return CSharpName + "Layout";
            if (syntax.HasBitFields)
                yield return FieldsName;
        }
    }

    /// <summary>For a choice: the enumeration of its alternatives.</summary>
    public string KindName => CSharpName + "Kind";

    /// <summary>For flags: the class that reads and writes their fields of bits.</summary>
    public string FieldsName => CSharpName + "Fields";

    /// <summary>Whether there is C# for it, here or in a referenced assembly: its name is free and it has rows.</summary>
    public bool IsGenerated { get; set; }

    /// <summary>The model, for flags and enumerations.</summary>
    public EnumModel? Enumeration { get; set; }

    /// <summary>The model, for choices.</summary>
    public ChoiceModel? Choice { get; set; }

    /// <summary>The model, for structures, once it is made.</summary>
    public StructModel? Structure { get; set; }

    /// <summary>Whether the structure's layout has been worked out, with or without a model: once is enough.</summary>
    public bool IsLaidOut { get; set; }

    /// <summary>Whether the structure's layout is being worked out: to need it again now means that it contains itself.</summary>
    public bool IsInProgress { get; set; }
}
