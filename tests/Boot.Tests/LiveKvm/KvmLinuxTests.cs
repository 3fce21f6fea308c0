using System.Security.Cryptography;
using BootProtocol.Boot.Tests.Cli;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveKvm;

/// <summary>Debian's kernels on KVM.</summary>
[Collection(KvmHost.Name)]
public sealed class KvmLinuxTests(KvmHost host, ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Linux_uses_the_machine_and_switches_it_off(int vcpus)
    {
        ToolRun run = host[$"linux-{vcpus}"];
        output.WriteLine(run.Output);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        var report = GuestReport.Parse(run.Output);
        Assert.Equal((ulong)vcpus, report.Number("processors"));
        Assert.Equal("kvm-clock", report["clock"]);
        Assert.Equal("typed by a script", report["line"]);
        Assert.Contains("end of report", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_newest_linux_does_so_too()
    {
        _ = Fetched.Find("kernels", "sid-cloud-amd64", "vmlinuz");
        ToolRun run = host["linux-newest"];
        output.WriteLine(run.Output);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Equal("typed by a script", GuestReport.Parse(run.Output)["line"]);
    }

    [Fact]
    public void Memory_above_4_GiB_and_a_random_offset_reach_linux()
    {
        ToolRun run = host["linux-6.12"];
        output.WriteLine(run.Output);
        Assert.Equal((0, "note: the guest reset itself\n"), (run.ExitCode, run.Errors));
        UserSpace guest = UserSpace.Read(run);
        Assert.Equal(UserSpace.SumOf(WordSize.Bits64, KvmHost.Data), guest.File);
        Assert.NotEqual(0xffffffff81000000, guest.Text);
        Assert.Equal(0UL, guest.Text % (2 << 20));
        Assert.Equal((4UL << 30) - (0x100000 - 0xa0000), guest.Memory);
        Assert.Contains(guest.Map, static range => range.First == 4UL << 30);
    }

    /// <summary>The pages of the guest, and 30 MiB for everything else.</summary>
    [Theory]
    [InlineData("6.1")]
    [InlineData("6.12")]
    public void A_machine_has_little_more_memory_than_its_guest(string kernel)
    {
        ToolRun run = host[$"memory-{kernel}"];
        output.WriteLine(run.Output + run.Errors);
        var report = GuestReport.Parse(run.Output);
        Assert.Equal(0UL, report.Number("code"));
        Assert.InRange(report.Number("guest"), 16UL << 10, 256UL << 10);
        Assert.InRange(report.Number("VmHWM"), report.Number("guest"), report.Number("guest") + (30UL << 10));
    }

    [Fact]
    public void A_console_by_virtio_takes_lines_and_gives_them()
    {
        ToolRun run = host["console"];
        output.WriteLine(run.Output[..Math.Min(run.Output.Length, 2_000)]);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Equal("typed on the console", GuestReport.Parse(run.Output)["line"]);
        Assert.Contains(new string('x', 300 << 10), run.Output, StringComparison.Ordinal);
        Assert.Contains("end of report", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_root_file_system_is_mounted_and_written()
    {
        ToolRun run = host["disk"];
        output.WriteLine(run.Output + run.Errors);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        var report = GuestReport.Parse(run.Output);
        Assert.StartsWith("/dev/vda / ext4 rw", report["root"], StringComparison.Ordinal);
        Assert.Equal("disk", report["serial"]);
        Assert.Equal(KvmGuestFiles.Greeting, report["greeting"]);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(KvmHost.SecondDisk)), report["second"].Split(' ')[0]);
        Assert.Equal("cannot be written", report["second disk"]);
        Assert.Equal("remounted", report["end"]);
    }

    /// <summary>Against e2fsprogs, which reads the file that was the guest's disk.</summary>
    [Fact]
    public void The_host_finds_it_written()
    {
        _ = host["disk"];
        Assert.Equal(KvmHost.SecondDisk, host.Files["second"]);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("disk"), host.Files["disk"]);
        string answer = ToolRun.Start("/sbin/debugfs", ["-R", "cat /answer", folder.File("disk")], folder.Path).Succeeded();
        Assert.Equal($"{KvmGuestFiles.Greeting}\n{KvmGuestFiles.Greeting}\n", answer);
        string large = ToolRun.Start("/sbin/debugfs", ["-R", "cat /large", folder.File("disk")], folder.Path).Succeeded();
        Assert.Equal(new string('x', 600 << 10), large);
        ToolRun.Start("/sbin/e2fsck", ["-f", "-n", folder.File("disk")], folder.Path).Succeeded();
    }
}
