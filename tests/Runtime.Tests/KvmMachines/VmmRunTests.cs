using BootProtocol.Cli;
using BootProtocol.Cli.Running;
using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Sample;

namespace BootProtocol.Runtime.Tests.KvmMachines;

/// <summary><c>bootproto run</c> on KVM, up to where the machine is made.</summary>
public sealed class VmmRunTests
{
    [Theory]
    [InlineData("", ExitCode.Usage, "--disk: expected a path, found ''")]
    [InlineData(",ro", ExitCode.Usage, "--disk: expected a path, found ',ro'")]
    [InlineData("/nowhere/disk", ExitCode.BadInput, "/nowhere/disk")]
    [InlineData("/dev/null,ro", ExitCode.BadInput, "expected at least a sector")]
    public void A_disk_that_is_none_is_one_line(string disk, int exitCode, string expected)
    {
        using BootImage image = BootImage.Open(SampleGuest.Create(WordSize.Bits64));
        using Kernel kernel = image.Decompress();
        using PvhDomain domain = new PvhBuilder { MemorySize = 32 << 20 }.Build(kernel);
        using var console = new ToolConsole(TextWriter.Null, TextWriter.Null);
        var request = new VmmRequest(IsUsed: true, IsRequired: true, Vcpus: 1, [disk], HasConsole: false);
        ToolException refusal = Assert.Throws<ToolException>(
            () => Interruption.During(interruption => VmmRun.Run(domain, request, null, interruption, console)));
        Assert.Equal(exitCode, refusal.ExitCode);
        Assert.StartsWith("--disk: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }
}
