using BootProtocol.Generators.Diagnostics;
using BootProtocol.Generators.Model;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Binding;

/// <summary>A block that declares a name, with what has been found out about it.</summary>
internal sealed class Declaration(SpecSource source, BlockSyntax syntax, string csharpName, string @namespace, ProblemList problems)
{
    public SpecSource Source { get; } = source;

    public BlockSyntax Syntax { get; } = syntax;

    public string CSharpName { get; } = csharpName;

    public string Namespace { get; } = @namespace;

    /// <summary>Where problems with this block go: the list of its own file.</summary>
    public ProblemList Problems { get; } = problems;

    public string Name => Syntax.Name.Value;

    public string FullCSharpName => $"global::{Namespace}.{CSharpName}";

    public string Protocol => Source.File.Protocol?.Name.Value ?? "";

    public bool IsBigEndian => Source.File.Protocol?.IsBigEndian ?? false;

    /// <summary>The model, for flags and enumerations.</summary>
    public EnumModel? Enumeration { get; set; }

    /// <summary>The model, for structures, once it is made.</summary>
    public StructModel? Structure { get; set; }

    /// <summary>Whether the structure's layout is being worked out: to need it again now means that it contains itself.</summary>
    public bool IsInProgress { get; set; }
}
