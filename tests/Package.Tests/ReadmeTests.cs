using BootProtocol.Testing;

namespace BootProtocol.Package.Tests;

/// <summary>What a reader copies out of README.md first.</summary>
[Collection(InPlace.Name)]
public sealed class ReadmeTests
{
    /// <summary>
    /// As <see cref="NativeBuild.Options"/> say it. A build with the analyzers compiles all that was last built without them again, though nothing
    /// of it changed.
    /// </summary>
    private static readonly Dictionary<string, string> _environment = new() { ["RunAnalyzers"] = "false", ["EnforceCodeStyleInBuild"] = "false" };

    [Fact]
    public void First_command_works_as_it_stands()
    {
        string text = File.ReadAllText(Repository.File("README.md"));
        int start = text.IndexOf("```\n", StringComparison.Ordinal) + 4;
        string command = text[start..text.IndexOf("\n```", start, StringComparison.Ordinal)];
        Assert.StartsWith("dotnet run ", command, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', command);
        using IDisposable build = BuildOutput.Lock();
        string output = ToolRun.Start("bash", ["-c", command], Repository.Root, _environment).Succeeded();
        Assert.Contains("(built-in sample)\n  boot ", output, StringComparison.Ordinal);
        Assert.Contains("\nmemory\n", output, StringComparison.Ordinal);
        Assert.Contains("kernel", output, StringComparison.Ordinal);
    }
}
