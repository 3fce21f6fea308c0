using BootProtocol.Cli;
using BootProtocol.Cli.Inspection;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary>Without an image, the running system's kernel is taken, and nothing else in its place.</summary>
[Needs(Need.Kernels)]
public sealed class RunningKernelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _release;

    public RunningKernelTests()
    {
        using var image = BootProtocol.Images.BootImage.Open(DebianKernels.Cloud61);
        _release = image.KernelVersion!.Split(' ')[0];
        _folder.Write("proc/sys/kernel/osrelease", $"{_release}\n");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("boot/vmlinuz-*")]
    [InlineData("boot/kernel-*")]
    [InlineData("lib/modules/*/vmlinuz")]
    [InlineData("usr/lib/modules/*/vmlinuz")]
    [InlineData("boot/vmlinuz")]
    [InlineData("boot/vmlinuz-linux")]
    [InlineData("vmlinuz")]
    public void It_is_where_systems_have_it(string place)
    {
        string file = Put(DebianKernels.Cloud61, place);
        Assert.Equal(file, new RunningKernel(_folder.Path).Find());
    }

    [Theory]
    [InlineData("boot/vmlinuz")]
    [InlineData("boot/vmlinuz-*")]
    public void Another_kernel_is_not_taken_for_it(string place)
    {
        string file = Put(DebianKernels.Amd64612, place);
        string message = Fail();
        Assert.StartsWith($"the running system's kernel, {_release}, cannot be read: {file} is 6.12.", message, StringComparison.Ordinal);
        Assert.EndsWith("; name an image, or ask for the sample guest with --sample", message, StringComparison.Ordinal);
        Assert.Equal(Put(DebianKernels.Cloud61, "vmlinuz"), new RunningKernel(_folder.Path).Find());
    }

    [Fact]
    public void What_is_in_the_way_is_told()
    {
        string directory = _folder.File("boot", $"vmlinuz-{_release}");
        Assert.StartsWith($"the running system's kernel, {_release}, is not there: {directory} does not exist; ", Fail(), StringComparison.Ordinal);
        Directory.CreateDirectory(directory);
        Assert.Contains($"cannot be read: {directory} is a directory; ", Fail(), StringComparison.Ordinal);
        _folder.Write("boot/vmlinuz", "text");
        Assert.Contains($"{_folder.File("boot", "vmlinuz")}: image", Fail(), StringComparison.Ordinal);
        File.Delete(_folder.File("proc", "sys", "kernel", "osrelease"));
        Assert.StartsWith("the running system's kernel is not known: ", Fail(), StringComparison.Ordinal);
    }

    /// <summary>On this machine the kernel is there, or it is not: each command takes it, or says so.</summary>
    [Theory]
    [InlineData("inspect")]
    [InlineData("notes")]
    [InlineData("extract", "-o", "/dev/null")]
    [InlineData("build")]
    [InlineData("run", "--accel", "tcg", "--timeout", "0.01")]
    public void Commands_take_it_or_say_why_not(params string[] arguments)
    {
        string? file = OnThisMachine();
        CliRun run = CliRun.Start(arguments);
        if (file is null)
        {
            Assert.Matches("^error: the running system's kernel[^\n]*; name an image, or ask for the sample guest with --sample\n$", run.Failed(1));
            Assert.Contains("the running system's kernel", CliRun.Start("diff", DebianKernels.Grub32).Failed(1), StringComparison.Ordinal);
        }
        else if (arguments is ["inspect" or "build"])
        {
            Assert.StartsWith($"{file}\n", run.Succeeded(), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("sample)", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("inspect")]
    [InlineData("notes")]
    [InlineData("extract", "-o", "/dev/null")]
    [InlineData("build")]
    [InlineData("run")]
    [InlineData("xen", "start")]
    public void The_sample_guest_takes_no_image_beside_it(params string[] arguments) => Assert.Contains(
        "--sample is for the built-in sample guest, and an image was given",
        CliRun.Start([.. arguments, "--sample", DebianKernels.Grub32]).Failed(2),
        StringComparison.Ordinal);

    private static string? OnThisMachine()
    {
        try
        {
            return RunningKernel.OfSystem().Find();
        }
        catch (ToolException)
        {
            return null;
        }
    }

    private string Put(string image, string place)
    {
        string file = Path.Combine(_folder.Path, place.Replace("*", _release, StringComparison.Ordinal));
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.Copy(image, file);
        return file;
    }

    private string Fail()
    {
        ToolException exception = Assert.Throws<ToolException>(() => new RunningKernel(_folder.Path).Find());
        Assert.Equal(1, exception.ExitCode);
        return exception.Message;
    }
}
