using System.IO.Hashing;
using BootProtocol.Boot.Tests.Cli;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.LiveKvm;

/// <summary>The sample guest on KVM, and how guests end there.</summary>
[Collection(KvmHost.Name)]
public sealed class KvmSampleTests(KvmHost host, ITestOutputHelper output)
{
    internal static readonly (int Bits, string Way)[] Ways = [(64, "linux64"), (64, "linux32"), (64, "pvh"), (32, "linux32"), (32, "pvh")];

    public static TheoryData<int, string> AllWays => [.. Ways];

    [Theory]
    [MemberData(nameof(AllWays))]
    public void Sample_guest_reports(int bits, string way)
    {
        ToolRun run = host[$"sample-{bits}-{way}"];
        output.WriteLine(run.Output);
        Assert.Equal((33, ""), (run.ExitCode, run.Errors));
        var report = GuestReport.Parse(run.Output);
        Assert.True(report.IsComplete);

        // A 64-bit kernel that is entered in 32 bits decompresses itself, and goes on in 64.
        bool isMixed = bits == 64 && way == "linux32";
        Assert.Equal(isMixed ? "linux64" : way, report["entry"]);
        Assert.Equal(isMixed ? [way] : [], report.All("image-entry"));
        Assert.Equal("on kvm", report["command-line"]);
        Assert.Equal(Crc32.HashToUInt32(KvmHost.Data), report.Number("initrd-crc32"));
    }

    [Fact]
    public void Switching_off_says_nothing() => Assert.Equal(new ToolRun(0, "", ""), host["off"]);

    [Theory]
    [InlineData("keyboard")]
    [InlineData("0xcf9")]
    public void A_reset_is_told_and_is_no_failure(string way) => Assert.Equal(new ToolRun(0, "", "note: the guest reset itself\n"), host[way]);

    /// <summary>AMD's processors keep nothing at such an end: the registers are those of the last access to a device, or of the start.</summary>
    [Theory]
    [InlineData("undefined")]
    [InlineData("bad-tables")]
    public void A_triple_fault_is_told_with_registers(string guest)
    {
        ToolRun run = host[guest];
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("error: the guest died of a triple fault: last seen at rip 0x100000, rsp 0x0, paging off\n", run.Errors);
    }

    [Fact]
    public void The_time_ends_every_processor() =>
        Assert.Equal(new ToolRun(124, "", "error: the guest did not end within 2 s\n"), host["timeout"]);

    /// <summary>Ctrl-C and other keys are the guest's, and Ctrl-A x ends it. A terminal has its mode back whatever the end was.</summary>
    [Theory]
    [InlineData("keys", 0)]
    [InlineData("signal-HUP", 128 + 1)]
    [InlineData("signal-INT", 128 + 2)]
    [InlineData("signal-TERM", 128 + 15)]
    public void A_terminal_gets_its_mode_back(string step, int exitCode)
    {
        ToolRun run = host[step];
        output.WriteLine(run.Output + run.Errors);
        var lines = GuestReport.Parse(run.Output);
        string[] before = lines["before"].Split(' ');
        Assert.Equal(["icanon", "isig", "opost"], before.Order(StringComparer.Ordinal));
        Assert.Equal(["-icanon", "-isig", "opost"], lines["during"].Split(' ').Order(StringComparer.Ordinal));
        Assert.Equal((ulong)exitCode, lines.Number("code"));
        Assert.Equal(before, lines["after"].Split(' '));
    }

    [Theory]
    [InlineData("no-driver", 3, "/dev/kvm is not there: is the module kvm-intel or kvm-amd loaded?")]
    [InlineData("no-rights", 3, "/dev/kvm may not be opened: only root and, as a rule, members of the group kvm can use it")]
    [InlineData("no-disk", 1, "--disk: ")]
    [InlineData("xen-pv", 2, "KVM runs no paravirtualised guest of Xen: --boot xen-pv is for QEMU")]
    public void What_is_missing_is_one_line(string step, int exitCode, string line)
    {
        ToolRun run = host[step];
        Assert.Equal(exitCode, run.ExitCode);
        Assert.StartsWith($"error: {line}", run.Errors, StringComparison.Ordinal);
        Assert.Single(run.Errors.TrimEnd('\n').Split('\n'));
    }

    /// <summary>Where KVM cannot be used and nobody asked for it, QEMU is what is taken; that machine has none.</summary>
    [Fact]
    public void Without_kvm_qemu_is_taken() =>
        Assert.StartsWith("error: qemu-system-x86_64 is not on this machine", host["by-itself"].Errors, StringComparison.Ordinal);
}
