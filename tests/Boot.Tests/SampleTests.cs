using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests;

/// <summary>The programs in samples/, as a reader runs them.</summary>
public sealed class SampleTests
{
    private static string Kernel => Fetched.Find("kernels", "6.12-amd64", "vmlinuz");

    [Fact]
    public void An_image_is_read()
    {
        string[] lines = Run("ReadImage", 0, Kernel);
        Assert.StartsWith("kind      BzImage, ", lines[0], StringComparison.Ordinal);
        Assert.Contains("linux64   possible", lines);
        Assert.Contains("xen-pv    possible", lines);
    }

    [Fact]
    public void What_is_no_image_is_refused_with_its_code() =>
        Assert.StartsWith("WrongMagic: image: expected ", Run("ReadImage", 1, "/dev/null")[0], StringComparison.Ordinal);

    [Theory]
    [InlineData("ReadImage")]
    [InlineData("ReadElf")]
    [InlineData("BootInQemu")]
    [InlineData("MicroVm")]
    [InlineData("XenPvGuest")]
    public void A_file_that_is_not_there_is_one_line(string sample) =>
        Assert.Contains("/no/such/image", Assert.Single(Run(sample, 1, "/no/such/image")), StringComparison.Ordinal);

    /// <summary>Against readelf, which sees the kernel that the tool has extracted.</summary>
    [Fact]
    public void A_kernel_is_read_by_another_library()
    {
        using var folder = new TemporaryFolder();
        string vmlinux = folder.File("vmlinux");
        _ = Cli.CommandTool.Start("extract", Kernel, "-o", vmlinux).Succeeded();
        string headers = ToolRun.Start("readelf", ["-hlW", vmlinux], folder.Path).Succeeded();
        string[] lines = Run("ReadElf", 0, Kernel);
        Assert.Equal("Bit64, AMD64, Executable", lines[0]);
        string sections = headers.Split('\n').Single(static line => line.Contains("Number of section headers:", StringComparison.Ordinal));
        Assert.Equal($"{sections.Split(':')[1].Trim()} sections", lines[^1]);
        Assert.Equal(
            headers.Split('\n').Count(static line => line.StartsWith("  LOAD ", StringComparison.Ordinal)),
            lines.Count(static line => line.StartsWith("Load:", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_format_of_its_own_is_written_and_read()
    {
        string[] expected =
        [
            "version 2, weight 7, 2 entries from 0x100000 on", "  4096 bytes", "  512 bytes",
            "WrongMagic: crate_lid.magic at offset 0x0: expected \"CRAT\", found \"XRAT\"",
        ];
        Assert.Equal(expected, Run("OwnFormat", 0));
    }

    [Fact]
    public void A_guest_is_started_in_QEMU()
    {
        // The sample guest ends by QEMU's device for that, whose exit code is twice the guest's, and one.
        string[] lines = Run("BootInQemu", 33);
        Assert.Contains("end: report complete", lines);
    }

    /// <summary>On this machine's own KVM where it has one that can be opened; the sample says why, else.</summary>
    [Fact]
    public void A_guest_is_started_on_KVM()
    {
        string? missing = MissingKvm();
        if (missing is not null)
        {
            Assert.StartsWith("/dev/kvm ", RunFor("MicroVm", 3).Errors, StringComparison.Ordinal);
            return;
        }

        ToolRun run = RunFor("MicroVm", 0);
        Assert.Contains("end: report complete", run.Output, StringComparison.Ordinal);
        Assert.Equal("Exit 16\n", run.Errors.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void A_paravirtualised_guest_breaks_no_rule() => Assert.Equal("0 rules broken", Run("XenPvGuest", 0, Kernel)[^1]);

    private static string? MissingKvm()
    {
        try
        {
            using FileStream driver = new("/dev/kvm", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }

    private static string[] Run(string sample, int exitCode, params string[] arguments)
    {
        ToolRun run = RunFor(sample, exitCode, arguments);
        string text = exitCode == 1 ? run.Errors : run.Output;
        return [.. text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n')];
    }

    private static ToolRun RunFor(string sample, int exitCode, params string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "..", "..", sample, "release", sample);
        ToolRun run = ToolRun.Start(program, arguments, AppContext.BaseDirectory);
        Assert.True(exitCode == run.ExitCode, $"exit code {run.ExitCode}: {run.Errors}");
        return run;
    }
}
