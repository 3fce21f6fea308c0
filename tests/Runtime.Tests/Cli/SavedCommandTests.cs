using System.Text.Json;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary><c>inspect</c>, <c>dump</c> and <c>verify</c> of a saved domain's file.</summary>
public sealed class SavedCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _file;

    public SavedCommandTests()
    {
        _file = _folder.File("web.save");
        CliRun.Start("build", "--sample", "--boot", "xen-pv", "--memory", "16M", "--format", "xl", "-o", _file).Succeeded();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Inspect_says_what_the_file_is()
    {
        string output = CliRun.Start("inspect", _file).Succeeded();
        foreach (string expected in new[]
        {
            "saved Xen domain", "version 3, in libxl's of version 2, of Xen 4.17", "PV, 64 bits, 4 levels of page tables", "4096 frames, 16 MiB",
            "it has not run yet", "X86_PV_P2M_FRAMES", "L4TAB_PINNED", "LIBXC_CONTEXT",
        })
            Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_is_json_too()
    {
        using var json = JsonDocument.Parse(CliRun.Start("inspect", _file, "--json").Succeeded());
        JsonElement root = json.RootElement;
        Assert.Equal(("pv", 64, 4096), (root.GetProperty("domain").GetString(), root.GetProperty("bits").GetInt32(), root.GetProperty("frames").GetInt32()));
        Assert.Equal(4096, root.GetProperty("pages").EnumerateObject().Sum(static pair => pair.Value.GetInt32()));
        Assert.Equal("END", root.GetProperty("records").EnumerateArray().Last().GetProperty("type").GetString());
        JsonElement vcpu = Assert.Single(root.GetProperty("vcpus").EnumerateArray());
        Assert.StartsWith("0xffffffff8", vcpu.GetProperty("instruction_pointer").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Dump_shows_heads_and_records()
    {
        string output = CliRun.Start("dump", _file).Succeeded();
        string[] structures = ["xl_header", "libxl_header", "libxl_record", "xc_image_header", "xc_domain_header", "xc_record"];
        foreach (string expected in (string[])[.. structures, "guest_width", "end_pfn"])
            Assert.Contains(expected, output, StringComparison.Ordinal);
        Assert.DoesNotContain("xc_page_info", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Verify_reads_it_on_its_own_frames() =>
        Assert.Matches($@"^{System.Text.RegularExpressions.Regex.Escape(_file)}: breaks none of \d+ rules\n$", CliRun.Start("verify", _file).Succeeded());

    [Theory]
    [InlineData("inspect")]
    [InlineData("dump")]
    [InlineData("verify")]
    public void File_that_is_cut_is_one_line(string command)
    {
        byte[] bytes = File.ReadAllBytes(_file);
        File.WriteAllBytes(_file, bytes[..(bytes.Length / 2)]);
        CliRun run = CliRun.Start(command, _file);
        Assert.Equal(1, run.ExitCode);
        Assert.Matches(
            "^error: [^\n]+: xc_record.PAGE_DATA at offset 0x[0-9a-f]+: expected \\d+ bytes, found the end of the file after \\d+\n$",
            CliRun.Start(command, _file).Failed(1));
        Assert.Equal("", run.Output);
    }

    [Theory]
    [InlineData("inspect", "--summary")]
    [InlineData("inspect", "--header")]
    [InlineData("verify", "--memory=16M")]
    [InlineData("verify", "--first-mfn=0")]
    public void Options_for_other_files_are_refused(string command, string option)
    {
        CliRun run = CliRun.Start(command, _file, option);
        Assert.Equal(2, run.ExitCode);
        Assert.Matches("^error: --[^\n]+, and this is a saved (domain|one, which says both)\n", run.Errors);
    }
}
