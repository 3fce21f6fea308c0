using System.IO.Pipes;
using System.Text.Json;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

public sealed class VerifyCommandTests
{
    [Theory]
    [InlineData("32")]
    [InlineData("64")]
    public void A_domain_that_was_built_breaks_no_rule(string bits)
    {
        using var folder = new TemporaryFolder();
        string file = Build(folder, bits);
        Assert.Equal($"{file}: breaks none of 41 rules\n", Verify(file).Succeeded());
        using var json = JsonDocument.Parse(Verify(file, "--json").Succeeded());
        Assert.Equal(0, json.RootElement.GetProperty("violations").GetArrayLength());
    }

    [Fact]
    public void The_first_rule_that_is_broken_is_told()
    {
        using var folder = new TemporaryFolder();
        string file = Build(folder, "64");
        string line = Verify(file, "--first-mfn", "0x999").Failed(1);
        Assert.Contains($"error: {file}: top-table: ctrlreg[3] names a frame of the domain; found machine frame", line, StringComparison.Ordinal);
        Assert.StartsWith($"error: {file}: raw domain: expected frames, at most 256", Verify(file, "--memory", "1M").Failed(1), StringComparison.Ordinal);

        byte[] context = File.ReadAllBytes(file + ".vcpu");
        context[0x2d0]++;
        File.WriteAllBytes(file + ".vcpu", context);
        Assert.Contains("context-rest", Verify(file).Failed(1), StringComparison.Ordinal);
        CliRun run = Verify(file, "--json");
        Assert.Equal(1, run.ExitCode);
        using var json = JsonDocument.Parse(run.Output);
        Assert.Equal("context-rest", json.RootElement.GetProperty("violations")[0].GetProperty("rule").GetString());
    }

    [Fact]
    public void Files_that_are_no_domain_are_told()
    {
        using var folder = new TemporaryFolder();
        string file = Build(folder, "64");
        File.WriteAllBytes(file + ".vcpu", new byte[100]);
        Assert.StartsWith($"error: {file}: domain.frames: expected at most", Verify(file, "--memory", "8T").Failed(1), StringComparison.Ordinal);
        using (var pipe = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.Inheritable))
        {
            string path = $"/proc/{Environment.ProcessId}/fd/{pipe.GetClientHandleAsString()}";
            Assert.Contains("raw domain: expected a file that tells its size, found a pipe", Verify(path).Failed(1), StringComparison.Ordinal);
        }

        Assert.Contains("vcpu_guest_context: expected 2800 or 5168 bytes, found 100", Verify(file).Failed(1), StringComparison.Ordinal);
        File.Delete(file + ".vcpu");
        Assert.Equal($"error: {file}.vcpu: no such file\n", Verify(file).Failed(1));
        Assert.Equal($"error: {folder.File("none")}: no such file\n", Verify(folder.File("none")).Failed(1));
        Assert.Equal("error: '': no such file\n", Verify("").Failed(1));
        Assert.Equal($"error: {folder.Path}: is a directory, expected a file\n", Verify(folder.Path).Failed(1));
        _ = Verify(file, "--first-mfn", "x").Failed(2);
    }

    private static string Build(TemporaryFolder folder, string bits)
    {
        string file = folder.File("domain");
        _ = CliRun.Start("build", "--sample", "--boot", "xen-pv", "--bits", bits, "--memory", "32M", "-o", file).Succeeded();
        return file;
    }

    private static CliRun Verify(string file, params string[] more) =>
        CliRun.Start(["verify", file, .. more.Contains("--memory") ? more : [.. more, "--memory", "32M"]]);
}
