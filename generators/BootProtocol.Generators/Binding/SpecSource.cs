using BootProtocol.Generators.Syntax;

namespace BootProtocol.Generators.Binding;

/// <summary>A parsed spec file, and what the build says about it.</summary>
/// <param name="File">The file.</param>
/// <param name="RootNamespace">The namespace under which the protocol's own namespace stands.</param>
/// <param name="IsImport">Whether its types are only referred to: the code for them is in a referenced assembly.</param>
internal sealed record SpecSource(SpecFile File, string RootNamespace, bool IsImport)
{
    /// <summary>The namespace of the file's types.</summary>
    public string Namespace => CSharpNames.Pascal(File.Protocol?.Name.Value ?? "") is { Length: > 0 } protocol
        ? $"{RootNamespace}.{(char.IsDigit(protocol[0]) ? "_" : "")}{protocol}"
        : RootNamespace;
}
