using BootProtocol.Cli;
using BootProtocol.Cli.Kexec;
using BootProtocol.Kexec;
using BootProtocol.Runtime.Tests.Images;
using BootProtocol.Sample;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.KexecLoading;

/// <summary><c>bootproto kexec load</c> and <c>status</c> on a pretended machine.</summary>
public sealed class KexecCommandTests : IDisposable
{
    private readonly PretendedHost _machine = new();
    private readonly KexecLoadingRun _run;
    private readonly TemporaryFolder _folder = new();

    public KexecCommandTests() => _run = new KexecLoadingRun(_machine);

    public void Dispose()
    {
        _run.Dispose();
        _machine.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void What_is_loaded_is_one_line()
    {
        string line = _run.Start(new KexecRequest { Domain = KexecLoadingRun.Sample });
        Assert.Matches(@"^\(built-in sample\): loaded, \d segments, [0-9.]+ [KM]iB, entered at 0x[0-9a-f]+\n$", line);
        Assert.StartsWith("load 0x", Assert.Single(_run.Calls.Log), StringComparison.Ordinal);
    }

    [Fact]
    public void A_dry_run_shows_every_part_and_loads_nothing()
    {
        _machine.WithEfi().Write("proc/self/status", "CapEff:\t0\n"); // it takes no right to look
        string shown = _run.Start(new KexecRequest
        {
            Domain = KexecLoadingRun.Sample with { CommandLine = "a b" },
            IsDry = true,
        });
        foreach (string part in (string[])["a restart", "a b", "entry code", "EFI memory map", "SETUP_EFI", "segments", "processor", "e820"])
            Assert.Contains(part, shown, StringComparison.Ordinal);
        Assert.Empty(_run.Calls.Log);
    }

    [Theory]
    [InlineData(null, "root=/dev/vda1 crashkernel=256M \"dyndbg=file a.c +p\" quiet")]
    [InlineData("debug", "root=/dev/vda1 crashkernel=256M \"dyndbg=file a.c +p\" quiet debug")]
    public void The_running_kernels_command_line_is_reused(string? more, string expected)
    {
        string shown = _run.Start(new KexecRequest { Domain = KexecLoadingRun.Sample, IsReusing = true, Appended = more, IsDry = true, IsJson = true });
        Assert.Contains($"\"command_line\": \"{expected.Replace("\"", "\\u0022", StringComparison.Ordinal)}\"", Plain(shown), StringComparison.Ordinal);
    }

    /// <summary>Bytes that are no text would be others in the next kernel's command line.</summary>
    [Fact]
    public void A_command_line_that_is_not_UTF_8_is_not_reused()
    {
        _machine.Write("proc/cmdline", "root=/dev/vda1 name=M\ufffdller\n");
        var request = new KexecRequest { Domain = KexecLoadingRun.Sample, IsReusing = true, IsDry = true };
        Assert.Equal(
            "/proc/cmdline: expected a text in UTF-8, found other bytes; give a command line by --cmdline",
            Assert.Throws<ToolException>(() => _run.Start(request)).Message);
    }

    [Fact]
    public void Before_any_work_what_is_in_the_way_is_said()
    {
        _machine.Write("proc/self/status", "CapEff:\t0\n");
        var request = new KexecRequest { Domain = KexecLoadingRun.Sample with { IsSample = false, Image = "/nowhere" } };
        Assert.Throws<KexecUnavailableException>(() => _run.Start(request));
    }

    [Fact]
    public void A_file_is_passed_as_it_is()
    {
        byte[] image = SampleGuest.Create(WordSize.Bits64);
        File.WriteAllBytes(_folder.File("image"), image);
        File.WriteAllBytes(_folder.File("initrd"), [1, 2, 3, 4]);
        var domain = KexecLoadingRun.Sample with { IsSample = false, Image = _folder.File("image"), Initrds = [_folder.File("initrd")], CommandLine = "x" };
        Assert.Equal($"{_folder.File("image")}: loaded, as it is\n", _run.Start(new KexecRequest { Domain = domain, IsFile = true }));
        Assert.Equal(["file 'x|' 0"], _run.Calls.Log);
        Assert.Equal(image, _run.Calls.Files.Kernel);
        Assert.Equal([1, 2, 3, 4], _run.Calls.Files.Initrd);
    }

    [Fact]
    public void Of_a_unified_kernel_image_its_parts_are_passed()
    {
        byte[] image = SampleGuest.Create(WordSize.Bits64);
        File.WriteAllBytes(
            _folder.File("uki"),
            PeFile.Add(
                PeFile.Stub(), [(".osrel", "ID=x\n"u8.ToArray()), (".cmdline", "of uki"u8.ToArray()), (".initrd", [7, 7, 7, 7]), (".linux", image)]));
        _run.Start(new KexecRequest { Domain = KexecLoadingRun.Sample with { IsSample = false, Image = _folder.File("uki") }, IsFile = true });
        Assert.Equal(["file 'of uki|' 0"], _run.Calls.Log);
        Assert.Equal(image, _run.Calls.Files.Kernel);
        Assert.Equal([7, 7, 7, 7], _run.Calls.Files.Initrd);
    }

    [Fact]
    public void Refusals_of_the_image_name_it()
    {
        var domain = KexecLoadingRun.Sample with { SampleWord = WordSize.Bits32 };
        ToolException refusal = Assert.Throws<ToolException>(() => _run.Start(new KexecRequest { Domain = domain }));
        Assert.Equal(ExitCode.BadInput, refusal.ExitCode);
        Assert.StartsWith("(built-in sample): kernel.linux64: ", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(_run.Calls.Log);
    }

    [Fact]
    public void Status_says_what_is_loaded_and_what_is_in_the_way()
    {
        _machine.WithCrashRegion().Write("sys/kernel/kexec_crash_loaded", "1\n");
        Assert.Equal(new KexecStatus(false, true, 256 << 20, null, null), KexecStatus.Read(_machine.Host));
        KexecStatus status = KexecStatus.Read(_machine.Write("proc/self/status", "CapEff:\t0\n").Host);
        Assert.Equal("kernels are loaded by root alone (CAP_SYS_BOOT)", status.Obstacle);
    }

    private static string Plain(string json) => json.Replace("\\\"", "\\u0022", StringComparison.Ordinal);
}
