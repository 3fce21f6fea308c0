using BootProtocol.Testing;

namespace BootProtocol.Package.Tests;

/// <summary>The tool as a native program.</summary>
[Collection(Builds.Name)]
public sealed class NativeToolTests
{
    [Fact]
    public void Tool_publishes_natively_without_a_warning_and_runs()
    {
        using var folder = new TemporaryFolder();
        string output = ToolRun.Start(
            "dotnet",
            ["publish", "--configuration", "Release", "--use-current-runtime", "--output", folder.File("out")],
            Repository.File("runtime", "BootProtocol.Cli")).Succeeded();
        Assert.DoesNotContain("warning", output, StringComparison.OrdinalIgnoreCase);

        string tool = folder.File("out", "bootproto");
        byte[] magic = File.ReadAllBytes(tool)[..4];
        Assert.Equal("\x7f" + "ELF", System.Text.Encoding.Latin1.GetString(magic));
        string kernel = Repository.File("tests", ".cache", "kernels", "6.12-amd64", "vmlinuz");
        Assert.Contains("\"protocol\": \"2.15\"", ToolRun.Start(tool, ["inspect", kernel, "--json"], folder.Path).Succeeded(), StringComparison.Ordinal);
    }
}
