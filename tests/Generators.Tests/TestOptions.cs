using System.Diagnostics.CodeAnalysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace BootProtocol.Generators.Tests;

/// <summary>
/// Build properties as a project would hand them to the generator. Files named <c>import*</c> are imports, and a file in a folder has
/// the folder's namespace.
/// </summary>
internal sealed class TestOptions(string project) : AnalyzerConfigOptionsProvider
{
    public static readonly TestOptions Own = new("Demo");

    public override AnalyzerConfigOptions GlobalOptions { get; } = new Values(("build_property.RootNamespace", project));

    public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => new Values();

    public override AnalyzerConfigOptions GetOptions(AdditionalText textFile)
        => Path.GetFileName(textFile.Path).StartsWith("import", StringComparison.Ordinal)
            ? new Values(
                ("build_metadata.AdditionalFiles.BootSpecImport", "true"),
                ("build_metadata.AdditionalFiles.BootSpecNamespace", "BootProtocol"))
            : new Values(("build_metadata.AdditionalFiles.BootSpecNamespace", Path.GetDirectoryName(textFile.Path)!));

    private sealed class Values(params (string Key, string Value)[] values) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value)
        {
            value = values.Where(pair => pair.Key == key).Select(pair => pair.Value).FirstOrDefault();
            return value is not null;
        }
    }
}
