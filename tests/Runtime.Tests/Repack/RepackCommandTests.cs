using BootProtocol.Images;
using BootProtocol.Repack;
using BootProtocol.Runtime.Tests.Cli;
using BootProtocol.Runtime.Tests.Decompress;
using BootProtocol.Runtime.Tests.Kernels;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Repack;

public sealed class RepackCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _kernel = RepackCases.Kernel();

    public RepackCommandTests()
    {
        File.WriteAllBytes(_folder.File("image"), RepackCases.Image(_kernel));
        File.WriteAllBytes(_folder.File("changed"), RepackCases.Changed(_kernel));
        File.WriteAllBytes(_folder.File("uki.efi"), PeFile.Add(PeFile.Stub(), (".cmdline", "old"u8.ToArray()), (".linux", RepackCases.Image(_kernel))));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_image_gets_another_kernel()
    {
        string line = Run("image", "-o", "repacked", "--vmlinux", "changed").Succeeded();
        Assert.Matches(@"repacked: \d+ bytes; kernel packed with gzip: \d+ of \d+ bytes\n$", line);
        _ = CliRun.Start("extract", _folder.File("repacked"), "-o", _folder.File("again")).Succeeded();
        Assert.Equal(File.ReadAllBytes(_folder.File("changed")), File.ReadAllBytes(_folder.File("again")));

        // In its own place, too.
        _ = Run("image", "-o", "image", "--vmlinux", "changed").Succeeded();
        Assert.Equal(File.ReadAllBytes(_folder.File("repacked")), File.ReadAllBytes(_folder.File("image")));
    }

    [Fact]
    public void A_unified_kernel_image_gets_other_sections_and_a_folder_as_its_ramdisk()
    {
        Directory.CreateDirectory(_folder.File("root"));
        _folder.Write("root/init", "#!/bin/sh\n");
        _folder.Write("osrel", "ID=test\n");
        string[] arguments =
        [
            "uki.efi", "-o", "repacked", "--cmdline", "new", "--initramfs", _folder.File("root"), "--section", $".osrel={_folder.File("osrel")}",
            "--vmlinux", "changed",
        ];
        _ = Run(arguments).Succeeded();
        using var image = BootImage.Open(_folder.File("repacked"));
        UnifiedKernelProfile profile = image.UnifiedKernel!.Profiles[0];
        Assert.Equal(("new", "ID=test\n"), (profile.CommandLine, profile.Find(".osrel")!.Text));
        Assert.Equal("070701"u8, profile.Find(".initrd")!.Bytes.Span[..6]);
        Assert.Equal(RepackCases.Changed(_kernel), RepackCases.KernelOf(File.ReadAllBytes(_folder.File("repacked"))));
        _ = Run("repacked", "-o", "less", "--remove-section", ".osrel", "--remove-section", ".initrd").Succeeded();
        using var less = BootImage.Open(_folder.File("less"));
        Assert.Equal([".cmdline", ".linux"], less.UnifiedKernel!.Sections.Select(section => section.Name));
    }

    [Fact]
    public void What_fails_leaves_the_target_as_it_was()
    {
        File.WriteAllBytes(_folder.File("random"), RepackCases.Unpackable(_kernel));
        _folder.Write("target", "as it was");
        int count = Directory.GetFiles(_folder.Path).Length;
        string line = Run("image", "-o", "target", "--vmlinux", "random").Failed(1);
        Assert.Contains("bytes packed with gzip, the room that the image has, found ", line, StringComparison.Ordinal);
        Assert.Contains("image: vmlinux: expected a kernel of ", Run("image", "-o", "target", "--vmlinux", "uki.efi").Failed(1), StringComparison.Ordinal);
        Assert.Contains("missing: no such file", Run("image", "-o", "target", "--vmlinux", _folder.File("missing")).Failed(1), StringComparison.Ordinal);
        Assert.Contains("symbol builtin_cmdline", Run("image", "-o", "target", "--cmdline", "x").Failed(1), StringComparison.Ordinal);
        Assert.Contains("one of kind Elf", Run("changed", "-o", "target", "--vmlinux", "changed").Failed(1), StringComparison.Ordinal);
        Assert.Equal("as it was", File.ReadAllText(_folder.File("target")));
        Assert.Equal(count, Directory.GetFiles(_folder.Path).Length);
    }

    /// <summary>A shell has no say in it: the tool looks for the program itself.</summary>
    [Fact]
    [Needs(Need.Tools)]
    public void A_program_that_is_missing_ends_with_3()
    {
        File.WriteAllBytes(_folder.File("image"), PackedImage.Create(Packer.Find("lzop -1").PackPayload(_kernel)));
        string[] arguments = ["repack", _folder.File("image"), "-o", _folder.File("target"), "--vmlinux", _folder.File("changed")];
        var environment = new Dictionary<string, string> { ["PATH"] = _folder.Path };
        string tool = Path.Combine(AppContext.BaseDirectory, "bootproto");
        ToolRun run = ToolRun.Start(tool, arguments, _folder.Path, environment);
        Assert.Equal((3, "error: the program lzop, which packs such kernels, is not on this machine\n"), (run.ExitCode, run.Errors));
        _ = ToolRun.Start(tool, arguments, _folder.Path).Succeeded();

        // One that fails says why, and one that makes something else is not believed.
        Program("lzop", "cat > /dev/null; echo it broke >&2; exit 7");
        run = ToolRun.Start(tool, arguments, _folder.Path, environment);
        Assert.Equal((3, "error: lzop ended with 7: it broke\n"), (run.ExitCode, run.Errors));
        Program("lzop", "echo something else");
        run = ToolRun.Start(tool, arguments, _folder.Path, environment);
        Assert.Equal(3, run.ExitCode);
        Assert.StartsWith("error: lzop -9 packs what cannot be decoded: ", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    [Needs(Need.Tools)]
    public void A_program_that_goes_wrong_is_one_line()
    {
        File.WriteAllBytes(_folder.File("image"), PackedImage.Create(Packer.Find("lzop -1").PackPayload(_kernel)));
        var environment = new Dictionary<string, string> { ["PATH"] = _folder.Path };
        Program("lzop", "cat /dev/zero");
        Assert.Equal("error: lzop writes more than twice what it was given\n", Fails());
        Program("lzop", "kill -9 $$");
        Assert.Equal("error: lzop ended with 137\n", Fails());
        _folder.Write("lzop", "no program\n");
        Assert.Equal($"error: the program {_folder.File("lzop")}, which packs such kernels, cannot be run\n", Fails());

        // One that only lies in the current folder is not run.
        environment["PATH"] = Path.Combine(_folder.Path, "nowhere");
        Program("lzop", "echo > was-run");
        Assert.Equal("error: the program lzop, which packs such kernels, is not on this machine\n", Fails());
        environment["PATH"] = ".";
        Assert.Equal("error: the program lzop, which packs such kernels, is not on this machine\n", Fails());
        Assert.False(File.Exists(_folder.File("was-run")));

        string Fails()
        {
            ToolRun run = ToolRun.Start(
                Path.Combine(AppContext.BaseDirectory, "bootproto"), ["repack", "image", "-o", "target", "--vmlinux", "changed"], _folder.Path, environment);
            Assert.Equal(3, run.ExitCode);
            Assert.False(File.Exists(_folder.File("target")));
            return run.Errors;
        }
    }

    /// <summary>What a packer has started itself holds its pipes open: were it not ended, the packing would, once it has written its last file.</summary>
    [Fact]
    [Needs(Need.Tools)]
    public async Task A_program_that_hangs_ends_with_its_children()
    {
        Program("hang", $"cd '{_folder.Path}'\n(echo > started; sleep 600; echo > finished) &\nwait");
        using var source = new CancellationTokenSource();
        Task<bool> starting = Task.Run(() =>
        {
            bool isStarted = SpinWait.SpinUntil(() => File.Exists(_folder.File("started")), TimeSpan.FromMinutes(5));
            source.Cancel();
            return isStarted;
        });
        using var output = new MemoryStream();
        PackingMethod method = PackingProgram.Method(_folder.File("hang"));
        Assert.ThrowsAny<OperationCanceledException>(() => method.Pack(new byte[1 << 20], output, source.Token));
        Assert.True(await starting);
        Assert.False(File.Exists(_folder.File("finished")));
    }

    private void Program(string name, string script) => _folder.WriteProgram(name, $"#!/bin/sh\nPATH=/bin:/usr/bin\n{script}\n");

    /// <summary>Runs the command; words that are files of the folder become their paths.</summary>
    private CliRun Run(params string[] arguments) => CliRun.Start(
        ["repack", .. arguments.Select((word, index) => index == 0 || arguments[index - 1] is "-o" or "--vmlinux" ? Path.Combine(_folder.Path, word) : word)]);
}
