using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary><c>-</c> in place of files, and <c>--</c> before what only looks like options.</summary>
[Needs(Need.Kernels)]
public sealed class StandardStreamTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("inspect", "--json")]
    [InlineData("notes", "--json")]
    [InlineData("build", "--json")]
    public void An_image_comes_from_standard_input(string command, string option)
    {
        string expected = Shell($"\"$tool\" {command} \"$image\" {option}").Succeeded();
        expected = expected.Replace(DebianKernels.Cloud61, "(standard input)", StringComparison.Ordinal);
        Assert.Equal(expected, Shell($"\"$tool\" {command} - {option} < \"$image\"").Succeeded());
        Assert.Equal(expected, Shell($"cat \"$image\" | \"$tool\" {command} {option} -- -").Succeeded());
    }

    [Fact]
    public void What_was_read_before_is_not_read_again()
    {
        string output = Shell("cp \"$image\" two; cat \"$image\" >> two; (dd bs=1M count=1 of=/dev/null; \"$tool\" inspect -) < two 2>&1").Output;
        Assert.Contains("error: (standard input): ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_and_guests_go_to_standard_output()
    {
        _ = Shell("\"$tool\" extract \"$image\" --what setup -o - > out; \"$tool\" extract \"$image\" --what setup -o file").Succeeded();
        Assert.Equal(File.ReadAllBytes(_folder.File("file")), File.ReadAllBytes(_folder.File("out")));
        _ = Shell("\"$tool\" build --sample --initrd - -o - < \"$image\" > out; \"$tool\" build --sample --initrd \"$image\" -o file").Succeeded();
        Assert.Equal(File.ReadAllBytes(_folder.File("file")), File.ReadAllBytes(_folder.File("out")));
        Assert.Contains("<svg", Shell("\"$tool\" build --sample --map -").Succeeded(), StringComparison.Ordinal);
        Assert.Equal(["file", "out"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Other_files_come_from_standard_input()
    {
        string map = Shell("echo 0-0xa0000 > map; echo 1M-64M >> map; \"$tool\" build --sample --e820 map --json").Succeeded();
        Assert.Equal(map, Shell("\"$tool\" build --sample --e820 - --json < map").Succeeded());
        string data = Shell("\"$tool\" build --sample --setup-data dtb=map -o - ").Succeeded();
        Assert.Equal(data, Shell("\"$tool\" build --sample --setup-data dtb=- -o - < map").Succeeded());
        Assert.Equal("same\n", Shell("\"$tool\" diff - \"$image\" < \"$image\"").Succeeded().Split("\n\n")[^1]);
    }

    [Theory]
    [InlineData("only one file can be standard input", "build", "-", "--initrd", "-")]
    [InlineData("only one file can be standard input", "build", "--sample", "--initrd", "-", "--e820", "-")]
    [InlineData("only one file can be standard input", "diff", "-", "-")]
    [InlineData("raw frames are several files", "build", "--sample", "--boot", "xen-pv", "-o", "-")]
    [InlineData("raw frames are several files", "build", "--sample", "--format", "raw", "-o", "-")]
    [InlineData("Unrecognized option '-x'", "inspect", "-x")]
    public void What_cannot_be_is_an_error_of_usage(string expected, params string[] arguments) =>
        Assert.Contains(expected, CliRun.Start(arguments).Failed(2), StringComparison.Ordinal);

    [Fact]
    public void Behind_two_hyphens_stand_files()
    {
        Assert.Contains("bzImage", Shell("cp \"$image\" ./-v; \"$tool\" inspect --summary -- -v").Succeeded(), StringComparison.Ordinal);
        Assert.Equal("error: ./--json: no such file\n", Shell("\"$tool\" inspect -- --json").Errors);
        Assert.Contains("bzImage", Shell("\"$tool\" inspect --header -- \"$image\"").Succeeded(), StringComparison.Ordinal);
    }

    private ToolRun Shell(string script) => ToolRun.Start("sh", ["-c", script], _folder.Path, new Dictionary<string, string>
    {
        ["tool"] = Path.Combine(AppContext.BaseDirectory, "bootproto"),
        ["image"] = DebianKernels.Cloud61,
    });
}
