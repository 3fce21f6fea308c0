using BootProtocol.Testing;

namespace BootProtocol.Package.Tests;

/// <summary>The tool as a native program.</summary>
[Collection(InPlace.Name)]
public sealed class NativeToolTests
{
    [Fact]
    public void Tool_publishes_natively_without_a_warning_and_runs()
    {
        using var folder = new TemporaryFolder();
        string output = Publish(folder);
        Assert.DoesNotContain("warning", output, StringComparison.OrdinalIgnoreCase);

        string tool = folder.File("out", "bootproto");
        byte[] magic = File.ReadAllBytes(tool)[..4];
        Assert.Equal("\x7f" + "ELF", System.Text.Encoding.Latin1.GetString(magic));
        string kernel = Fetched.Find("kernels", "6.12-amd64", "vmlinuz");

        // Without OpenSSL, too, which a rescue system need not have: the dynamic linker names each file that it opens.
        ToolRun built = ToolRun.Start(
            tool,
            ["build", kernel, "--boot", "linux64", "--memory", "256M", "--kaslr", "random", "-o", folder.File("guest")],
            folder.Path,
            new Dictionary<string, string> { ["LD_DEBUG"] = "files" });
        _ = built.Succeeded();
        Assert.Contains("file=libc.so.6", built.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("libssl", built.Errors, StringComparison.Ordinal);
        Assert.Contains("\"protocol\": \"2.15\"", ToolRun.Start(tool, ["inspect", kernel, "--json"], folder.Path).Succeeded(), StringComparison.Ordinal);
    }

    private static string Publish(TemporaryFolder folder)
    {
        using IDisposable output = BuildOutput.Lock();
        return ToolRun.Start(
            "dotnet",
            ["publish", .. NativeBuild.Options, "--output", folder.File("out")],
            Repository.File("runtime", "BootProtocol.Cli")).Succeeded();
    }
}
