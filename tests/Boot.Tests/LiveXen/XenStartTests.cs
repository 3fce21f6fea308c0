using BootProtocol.Boot.Tests.Cli;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveXen;

/// <summary>Domains that <c>bootproto xen start</c> builds in the frames of a real Xen.</summary>
[Collection(XenHost.Name)]
public sealed class XenStartTests(XenHost host, ITestOutputHelper output)
{
    [Fact]
    public void Linux_starts_without_xenstored()
    {
        ToolRun run = host["start-6.1"];
        output.WriteLine(run.Output);
        run.Succeeded();
        CheckReport(run, "6.1");
        Assert.StartsWith("domain 1 (bootproto-1): started\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Started_domain_can_not_be_read_back()
    {
        ToolRun run = host["inspect-started"];
        Assert.Equal(1, run.ExitCode);
        Assert.Matches("^error: cannot read the domain back [(]rsi, 0x[0-9a-f]+, is not the address of start_info: .*[)]\n$", run.Errors);
    }

    [Fact]
    public void Kernel_that_is_none_for_Xen_leaves_no_domain()
    {
        ToolRun run = host["start-wrong"];
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("error: /bin/busybox: ", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_left() => Assert.DoesNotMatch(@"(?m)^ +[1-9]\d* ", host["list-end"].Succeeded());

    private static void CheckReport(ToolRun run, string kernel)
    {
        var space = UserSpace.Read(run);
        Assert.Equal(XenHost.CommandLine(kernel), space.CommandLine);
        Assert.Equal(UserSpace.SumOf(WordSize.Bits64, XenHost.Data), space.File);

        // Where Xen has no memory map for it, Linux makes one, with room to grow by 8 MiB.
        Assert.Equal((ulong)(XenHost.LinuxMemory + 8) << 20, space.Map.Last(static range => range.Type == "System RAM").Last + 1);
    }
}
