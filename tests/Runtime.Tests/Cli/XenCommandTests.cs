using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary><c>bootproto xen</c> where no Xen is; what it does where one is, the boot tests show.</summary>
public sealed class XenCommandTests
{
    [Theory]
    [InlineData("list")]
    [InlineData("list", "--json")]
    [InlineData("console", "1")]
    [InlineData("destroy", "1")]
    [InlineData("shutdown", "1")]
    [InlineData("reboot", "1")]
    [InlineData("start", "--sample", "--vcpus", "8192")]
    [InlineData("start", "--sample", "--disk", "a,ro", "--disk", "b", "--nic", "--nic", "mac=00:16:3e:01:02:03,bridge=br0", "--nic")]
    public void Missing_Xen_is_told(params string[] arguments)
    {
        Assert.SkipWhen(File.Exists("/dev/xen/privcmd"), "This machine is a control domain of Xen: nothing is missing.");
        Assert.Contains(
            "this is no control domain of Xen: /dev/xen/privcmd is missing",
            CliRun.Start(["xen", .. arguments]).Failed(3),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("see 'bootproto xen --help'")]
    [InlineData("see 'bootproto xen destroy --help'", "destroy")]
    [InlineData("see 'bootproto xen shutdown --help'", "shutdown")]
    [InlineData("--vcpus: expected 1 to 8192, found '0'", "start", "--sample", "--vcpus", "0")]
    [InlineData("--vcpus: expected 1 to 8192, found '8193'", "start", "--sample", "--vcpus", "8193")]
    [InlineData("--disk: expected a path, found ''", "start", "--sample", "--disk", "")]
    [InlineData("--disk: expected a path, found ',ro'", "start", "--sample", "--disk", ",ro")]
    [InlineData("--nic: expected bridge=NAME or mac=00:16:3e:01:02:03, found 'br0'", "start", "--sample", "--nic", "br0")]
    [InlineData("found 'bridge='", "start", "--sample", "--nic", "bridge=")]
    [InlineData("found 'mac=00:16:3e:01:02'", "start", "--sample", "--nic", "bridge=br0,mac=00:16:3e:01:02")]
    [InlineData("found 'mac=01:16:3e:01:02:03'", "start", "--sample", "--nic", "mac=01:16:3e:01:02:03")]
    [InlineData("Argument 'none' not recognized", "start", "--sample", "--on-reboot", "none")]
    [InlineData("see 'bootproto xen console --help'", "console", "65536")]
    [InlineData("see 'bootproto xen console --help'", "console", "-x")]
    [InlineData("see 'bootproto xen list --help'", "list", "5")]
    [InlineData("only one file can be standard input (-)", "start", "-f", "-", "--initrd", "-")]
    public void A_wrong_command_line_is_one_line_with_help(string expected, params string[] arguments) =>
        Assert.Contains(expected, CliRun.Start(["xen", .. arguments]).Failed(2), StringComparison.Ordinal);

    [Theory]
    [InlineData("memory = 64", "error: FILE: it names no kernel\n")]
    [InlineData("memory = 64", "error: this is no control domain of Xen: /dev/xen/privcmd is missing", "--sample", "--name", "x", "--memory", "32")]
    [InlineData("kernel = '/vmlinuz'", "error: this is no control domain of Xen: /dev/xen/privcmd is missing")]
    [InlineData("vfb = 1\ncpus = 2", "warning: FILE: not taken here: vfb, cpus\nerror: FILE: it names no kernel\n")]
    [InlineData("kernel = 1; vcpus = 8193", "error: FILE: vcpus: expected 1 to 8192, found '8193'\n")]
    [InlineData("kernel", "error: FILE: line 1: expected a line such as memory = 256, found the end of the file\n")]
    public void File_of_xl_is_taken(string text, string expected, params string[] more)
    {
        Assert.SkipWhen(File.Exists("/dev/xen/privcmd"), "This machine is a control domain of Xen: nothing is missing.");
        using var folder = new TemporaryFolder();
        string file = folder.File("web.cfg");
        File.WriteAllText(file, text);
        CliRun run = CliRun.Start(["xen", "start", "-f", file, .. more]);
        Assert.NotEqual(0, run.ExitCode);
        Assert.StartsWith(expected.Replace("FILE", file, StringComparison.Ordinal), run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Device_without_an_end_is_no_file_of_xl()
    {
        string line = CliRun.Start("xen", "start", "-f", "/dev/zero").Failed(1);
        Assert.Equal("error: /dev/zero: file: expected at most 67108864 bytes, found more\n", line);
    }
}
