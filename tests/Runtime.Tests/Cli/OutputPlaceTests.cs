using BootProtocol.Output;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary>Where the tool's output goes if that is no file: pipes, devices, what is open already, and places that take nothing.</summary>
[Needs(Need.Kernels)]
public sealed class OutputPlaceTests : IDisposable
{
    private const string Setup = "\"$tool\" extract \"$image\" --what setup -o";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Setup + " /dev/stdout > out")]
    [InlineData(Setup + " /dev/stdout | cat > out")]
    [InlineData(Setup + " /dev/fd/3 3> out")]
    [InlineData("mkdir ./-; " + Setup + " - > out")]
    [InlineData("mkfifo pipe; cat pipe > out & " + Setup + " pipe; wait; test -p pipe")]
    [InlineData("mkfifo pipe; ln -s pipe link; cat pipe > out & " + Setup + " link; wait; test -p pipe")]
    public void Part_goes_where_it_is_to_go(string script)
    {
        _ = Shell($"{Setup} file").Succeeded();
        _ = Shell(script).Succeeded();
        Assert.Equal(File.ReadAllBytes(_folder.File("file")), File.ReadAllBytes(_folder.File("out")));
    }

    [Fact]
    public void What_is_appended_to_stays()
    {
        _ = Shell($"echo before > out; {Setup} /dev/stdout >> out; {Setup} file").Succeeded();
        Assert.Equal([.. "before\n"u8, .. File.ReadAllBytes(_folder.File("file"))], File.ReadAllBytes(_folder.File("out")));
    }

    [Fact]
    public void Guest_goes_through_a_pipe_and_nothing_else_does()
    {
        _ = Shell("\"$tool\" build \"$image\" -o /dev/stdout | cat > out; \"$tool\" build \"$image\" -o file").Succeeded();
        Assert.Equal(File.ReadAllBytes(_folder.File("file")), File.ReadAllBytes(_folder.File("out")));
    }

    /// <summary>What would be lost is not written; pipes and devices lose nothing.</summary>
    [Theory]
    [InlineData("-o x --map x", "x: would be written twice, by -o and by --map: name two files")]
    [InlineData("-o x --map ./y/../x", "./y/../x: would be written twice, by -o and by --map: name two files")]
    [InlineData("--format raw -o x --map x.json", "x.json: would be written twice, by -o and by --map: name two files")]
    [InlineData("--boot xen-pv -o x --map x.vcpu", "x.vcpu: would be written twice, by -o and by --map: name two files")]
    [InlineData("--initrd i -o i", "i: would be written over, and is what the guest is built of: name another file")]
    [InlineData("--initrd link -o i", "i: would be written over, and is what the guest is built of: name another file")]
    [InlineData("--initrd i --map link", "link: would be written over, and is what the guest is built of: name another file")]
    [InlineData("--boot linux64 --setup-data ima=i --map i", "i: would be written over, and is what the guest is built of: name another file")]
    [InlineData("--boot xen-pv --initrd i.json -o i", "i.json: would be written over, and is what the guest is built of: name another file")]
    public void Nothing_is_written_over(string arguments, string expected)
    {
        ToolRun run = Shell($"mkdir y; echo 0123456789abcdef > i; ln -s i link; cp i i.json; cp i before; \"$tool\" build --sample {arguments}");
        Assert.Equal((2, $"error: {expected}\n"), (run.ExitCode, run.Errors));
        Assert.Equal(4, Directory.GetFiles(_folder.Path).Length);
        _ = Shell("cmp i before && cmp i.json before").Succeeded();
        _ = Shell("\"$tool\" build --sample -o /dev/null --map /dev/null").Succeeded();
    }

    /// <summary>A file of at most a few blocks, as where a file system takes no larger ones.</summary>
    [Theory]
    [InlineData("--boot pvh --format raw")]
    [InlineData("--boot xen-pv --format xl")]
    [InlineData("--format elf")]
    public void Full_place_keeps_what_it_had(string arguments)
    {
        // The runtime itself would map files of more than that for its code.
        const string Limit = "trap '' XFSZ; export DOTNET_EnableWriteXorExecute=0; ulimit -f 8";
        ToolRun run = Shell($"echo before > out; {Limit}; \"$tool\" build --sample {arguments} -o out");
        Assert.Equal((1, "error: out: cannot be written: File too large\n"), (run.ExitCode, run.Errors));
        Assert.Equal("before\n", File.ReadAllText(_folder.File("out")));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    /// <summary>A name may be as long as the file system takes it, whatever stands beside it while it is written.</summary>
    [Theory]
    [InlineData("n", 255)]
    [InlineData("\u2603", 85)]
    public void Longest_name_is_one(string letter, int count)
    {
        string name = string.Concat(Enumerable.Repeat(letter, count));
        _ = Shell($"\"$tool\" build --sample -o {name}").Succeeded();
        Assert.Equal([_folder.File(name)], Directory.GetFiles(_folder.Path));
        ToolRun run = Shell($"\"$tool\" build --sample -o {name}n");
        Assert.Equal((1, $"error: {name}n: cannot be written: the name is too long\n"), (run.ExitCode, run.Errors));
    }

    /// <summary>A file comes where a link leads, as a shell's would.</summary>
    [Fact]
    public void Link_that_leads_nowhere_leads_to_the_file()
    {
        _ = Shell("ln -s out link; \"$tool\" build --sample -o link; test -L link && test -s out").Succeeded();
        ToolRun run = Shell("ln -s loop loop; \"$tool\" build --sample -o loop");
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("error: loop: cannot be written: ", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_comes_in_the_place_of_a_pipe()
    {
        ToolRun run = Shell("mkfifo pipe; \"$tool\" build --sample --boot xen-pv -o pipe; status=$?; test -p pipe && exit $status");
        Assert.Equal((1, "error: pipe: cannot be written: a device or a pipe is there, expected a file\n"), (run.ExitCode, run.Errors));
        Assert.Equal([_folder.File("pipe")], Directory.GetFiles(_folder.Path));
    }

    [Theory]
    [InlineData("\"$tool\" inspect \"$image\" > /dev/full")]
    [InlineData("\"$tool\" layout setup_header >&-")]
    [InlineData("\"$tool\" --help > /dev/full")]
    [InlineData("\"$tool\" build --sample --json > /dev/full")]
    public void Output_that_cannot_be_written_is_one_line(string script)
    {
        ToolRun run = Shell(script);
        Assert.Equal(1, run.ExitCode);
        Assert.Matches("^error: standard output cannot be written: [^\n]*\n$", run.Errors);
    }

    [Theory]
    [InlineData("2> /dev/full")]
    [InlineData("2>&-")]
    public void Error_that_cannot_be_told_is_an_exit_code(string redirection) => Assert.Equal(1, Shell($"\"$tool\" inspect missing {redirection}").ExitCode);

    [Fact]
    public void Image_and_ramdisk_come_through_pipes()
    {
        string[] reports =
        [
            Shell("\"$tool\" build \"$image\" --initrd \"$image\" --json").Succeeded(),
            Shell("mkfifo image initrd; cat \"$image\" > image & cat \"$image\" > initrd & \"$tool\" build image --initrd initrd --json").Succeeded(),
        ];
        Assert.Equal(reports[0].Replace(DebianKernels.Cloud61, "image", StringComparison.Ordinal), reports[1]);
    }

    /// <summary>A pipe that takes nothing more, and one that gives nothing: a signal ends who waits there.</summary>
    [Theory]
    [InlineData("-o pipe", "exec 3< pipe; dd bs=1 count=1 <&3 2> /dev/null > first")]
    [InlineData("--initrd pipe", "exec 3> pipe")]
    public void Signal_ends_what_waits_for_a_pipe(string option, string otherEnd)
    {
        ToolRun run = Shell($"mkfifo pipe; \"$tool\" build \"$image\" {option} & {otherEnd}; kill -TERM $!; wait $!");
        Assert.Equal((143, ""), (run.ExitCode, run.Output));
    }

    [Fact]
    public void Interrupted_writing_stops_at_once()
    {
        using var interruption = new CancellationTokenSource();
        using var inner = new MemoryStream();
        using var stream = new InterruptibleStream(inner, interruption.Token);
        stream.Write(new byte[20_000_000]);
        Assert.Equal(20_000_000, inner.Length);
        interruption.Cancel();
        Assert.Throws<OperationCanceledException>(() => stream.Write(new byte[1]));
        Assert.Equal(20_000_000, inner.Length);
    }

    [Fact]
    public void Run_says_where_it_can_put_nothing()
    {
        ToolRun run = Shell("TMPDIR=/no/such/folder \"$tool\" run --sample");
        Assert.Equal(3, run.ExitCode);
        Assert.Matches("^error: a folder for temporary files cannot be made in /no/such/folder/?: [^\n]*\n$", run.Errors);
    }

    private ToolRun Shell(string script) => ToolRun.Start("sh", ["-c", script], _folder.Path, new Dictionary<string, string>
    {
        ["tool"] = Path.Combine(AppContext.BaseDirectory, "bootproto"),
        ["image"] = DebianKernels.Cloud61,
    });
}
