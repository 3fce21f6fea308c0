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
        Assert.Equal($"{file}: breaks none of 43 rules\n", Verify(file).Succeeded());
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
            Assert.Contains("raw domain: expected a file that has a size, found a pipe", Verify(path).Failed(1), StringComparison.Ordinal);
        }

        Assert.Contains("vcpu_guest_context: expected 2800 or 5168 bytes, found 100", Verify(file).Failed(1), StringComparison.Ordinal);
        File.Delete(file + ".vcpu");
        Assert.Equal($"error: {file}.vcpu: no such file\n", Verify(file).Failed(1));
        Assert.Equal($"error: {folder.File("none")}: no such file\n", Verify(folder.File("none")).Failed(1));
        Assert.Equal("error: '': no such file\n", Verify("").Failed(1));
        Assert.Equal($"error: {folder.Path}: is a directory, expected a file\n", Verify(folder.Path).Failed(1));
        _ = Verify(file, "--first-mfn", "x").Failed(2);
    }

    /// <summary>
    /// A 32-bit guest is given 32 bits of the address of shared_info: the page is where these are those of no frame of the guest's own, and no 0.
    /// </summary>
    [Theory]
    [InlineData("4G", "0x100000", "0x200001")]
    [InlineData("2G", "0x80000", "0x100001")]
    [InlineData("4100M", "0x1000", "0x200001")]
    [InlineData("64M", "0x5000", "0x9000")]
    [InlineData("64M", "0x100000", "0x104000")]
    public void Page_that_is_shared_with_a_32_bit_guest_is_none_of_its_own(string memory, string first, string expected)
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("domain");
        string[] common = ["build", "--sample", "--boot", "xen-pv", "--bits", "32", "--memory", memory, "--first-mfn", first, "--json"];
        using var json = JsonDocument.Parse(CliRun.Start([.. common, "-o", file]).Succeeded());
        Assert.Equal(expected, json.RootElement.GetProperty("xen_pv").GetProperty("shared_info_mfn").GetString());
        Assert.Equal($"{file}: breaks none of 43 rules\n", CliRun.Start("verify", file).Succeeded());
    }

    [Fact]
    public void Guest_that_has_all_low_frames_leaves_none_to_share() => Assert.Contains(
        "machine frames: expected one below 4 GiB for shared_info that is not the guest's",
        CliRun.Start("build", "--sample", "--boot", "xen-pv", "--bits", "32", "--memory", "5G", "--first-mfn", "0").Failed(1),
        StringComparison.Ordinal);

    /// <summary>Size and machine frames are those that the description says, whatever they are, unless somebody says others.</summary>
    [Theory]
    [InlineData("64", "64M", "0x100000")]
    [InlineData("64", "300M", "0x5000")]
    [InlineData("32", "64M", "0x5000")]
    public void The_description_beside_the_frames_says_what_they_are(string bits, string memory, string first)
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("domain");
        _ = CliRun.Start("build", "--sample", "--boot", "xen-pv", "--bits", bits, "--memory", memory, "--first-mfn", first, "-o", file).Succeeded();
        Assert.Equal($"{file}: breaks none of 43 rules\n", CliRun.Start("verify", file).Succeeded());
        Assert.Equal($"{file}: breaks none of 43 rules\n", CliRun.Start("verify", file, "--memory", memory).Succeeded());
        Assert.Equal($"{file}: breaks none of 43 rules\n", CliRun.Start("verify", file, "--first-mfn", first).Succeeded());
        Assert.Contains("nr-pages", CliRun.Start("verify", file, "--memory", "400M").Failed(1), StringComparison.Ordinal);
        Assert.Contains("top-table", CliRun.Start("verify", file, "--first-mfn", "0x80000").Failed(1), StringComparison.Ordinal);

        File.Delete(file + ".json");
        _ = CliRun.Start("verify", file, "--memory", memory, "--first-mfn", first).Succeeded();
        Assert.NotEqual(0, CliRun.Start("verify", file).ExitCode);
    }

    /// <summary>A description that is broken, of something else, or of other files.</summary>
    [Theory]
    [InlineData("{", "", "expected JSON, found something else at line 1, byte 1")]
    [InlineData("", "", "expected JSON, found something else at line 1, byte 0")]
    [InlineData("[]", ".boot", "expected a JSON string, found none")]
    [InlineData("{\"boot\": 5}", ".boot", "expected a JSON string, found a JSON number")]
    [InlineData("{\"boot\": \"\\ud800\"}", "", "expected texts of UTF-8, found one that is none")]
    [InlineData("{\"boot\": \"pvh\"}", ".boot", "expected a domain of xen-pv, found \"pvh\"")]
    public void A_broken_description_is_told(string json, string field, string message)
    {
        using var folder = new TemporaryFolder();
        string file = Build(folder, "64");
        File.WriteAllText(file + ".json", json);
        Assert.Equal($"error: {file}.json: description{field}: {message}\n", CliRun.Start("verify", file).Failed(1));
    }

    [Theory]
    [InlineData("\"nr_frames\": 8192", "\"nr_frames\": 8191", ".frames: expected the run of frame")]
    [InlineData("\"nr_frames\": 8192", "\"nr_frames\": 8193", ".frames: expected runs of all 0x2001 frames, found 0x2000 of them")]
    [InlineData("\"nr_frames\": 8192", "\"nr_frames\": 3", ".frames: expected at most the 3 that the domain has (nr_frames), found 1024")]
    [InlineData("\"nr_frames\": 8192", "\"nr_frames\": -1", ".nr_frames: expected a number from 0 on, found -1")]
    [InlineData("\"nr_frames\": 8192", "\"nr_frames\": 99999999999", "domain.frames: expected at most 1073741824 of them, found 99999999999")]
    [InlineData("\"page_size\": 4096", "\"page_size\": 8192", ".page_size: expected 4096, found 8192")]
    [InlineData("\"class\": 64", "\"class\": 16", ".class: expected 32 or 64, found 16")]
    [InlineData("\"mfn\": \"0x100400\"", "\"mfn\": \"many\"", ".mfn: expected a frame's number as 0x100000, found \"many\"")]
    public void A_description_that_contradicts_itself_is_told(string right, string wrong, string message)
    {
        using var folder = new TemporaryFolder();
        string file = Build(folder, "64");
        string json = File.ReadAllText(file + ".json");
        Assert.Contains(right, json, StringComparison.Ordinal);
        File.WriteAllText(file + ".json", json.Replace(right, wrong, StringComparison.Ordinal));
        string line = CliRun.Start("verify", file).Failed(1);
        Assert.StartsWith($"error: {file}.json: ", line, StringComparison.Ordinal);
        Assert.Contains(message, line, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_other_sizes_than_described_are_told()
    {
        using var folder = new TemporaryFolder();
        string file = Build(folder, "64");
        string json = File.ReadAllText(file + ".json");
        File.WriteAllText(file + ".json", json.Replace("\"class\": 64", "\"class\": 32", StringComparison.Ordinal));
        Assert.Equal(
            $"error: {file}: vcpu_guest_context: expected 2800 bytes, by the description beside it, found 5168\n",
            CliRun.Start("verify", file).Failed(1));
        File.WriteAllText(file + ".json", json);
        using (FileStream frames = File.OpenWrite(file))
            frames.SetLength(frames.Length - 4096);
        Assert.Equal(
            $"error: {file}: raw domain: expected 4198400 bytes, by the description beside it, found 4194304\n",
            CliRun.Start("verify", file).Failed(1));
        File.Delete(file + ".json");
        Directory.CreateDirectory(file + ".json");
        Assert.Equal($"error: {file}.json: is a directory, expected a file\n", CliRun.Start("verify", file).Failed(1));
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
