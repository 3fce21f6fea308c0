using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace BootProtocol.Generators;

/// <summary>What the build says about a spec file.</summary>
/// <param name="RootNamespace">The namespace under which the protocols' namespaces stand.</param>
/// <param name="IsImport">Whether the code for it is in a referenced assembly already.</param>
internal sealed record SpecOptions(string RootNamespace, bool IsImport)
{
    private const string Fallback = "BootSpecs";

    /// <summary>Reads the file's metadata <c>BootSpecNamespace</c> and <c>BootSpecImport</c>, then the project's properties.</summary>
    public static SpecOptions Of(AdditionalText file, AnalyzerConfigOptionsProvider provider)
    {
        AnalyzerConfigOptions own = provider.GetOptions(file);
        AnalyzerConfigOptions project = provider.GlobalOptions;
        bool isImport = own.TryGetValue("build_metadata.AdditionalFiles.BootSpecImport", out string? import) && import == "true";
        string root = Value(own, "build_metadata.AdditionalFiles.BootSpecNamespace")
            ?? Value(project, "build_property.BootSpecNamespace")
            ?? Value(project, "build_property.RootNamespace")
            ?? Fallback;
        return new SpecOptions(ProjectNamespace.Of(root), isImport);
    }

    private static string? Value(AnalyzerConfigOptions options, string key)
        => options.TryGetValue(key, out string? value) && value.Length > 0 ? value : null;
}
