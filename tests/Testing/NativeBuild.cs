namespace BootProtocol.Testing;

/// <summary>How the tests publish native programs of this repository.</summary>
public static class NativeBuild
{
    /// <summary>
    /// Options of <c>dotnet publish</c>. The analyzers have read the same code when the solution was built; the native compiler has warnings of its
    /// own.
    /// </summary>
    public static IReadOnlyList<string> Options { get; } =
        ["--configuration", "Release", "--use-current-runtime", "-p:RunAnalyzers=false", "-p:EnforceCodeStyleInBuild=false"];
}
