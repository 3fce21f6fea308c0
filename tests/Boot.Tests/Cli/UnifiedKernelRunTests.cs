using System.Text;
using System.Text.Json;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Cli;

/// <summary>Unified kernel images made with systemd's own stub: command line and ramdisks come from the image unless others are given.</summary>
public sealed class UnifiedKernelRunTests
{
    private const string CommandLine = "console=ttyS0 quiet nokaslr panic=-1 mitigations=off cryptomgr.notests of=uki";

    [Theory]
    [InlineData("systemd-stub", "linux64")]
    [InlineData("systemd-stub-sid", "pvh")]
    public void Its_own_command_line_and_ramdisks_reach_user_space(string stub, string way)
    {
        using var disk = new GuestDisk("6.1-cloud-amd64");
        string image = disk.Put("uki.efi", Make(Stub(stub), disk));
        ToolRun run = CommandTool.Run(image, "--boot", way);
        var seen = UserSpace.Read(run);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(CommandLine, seen.CommandLine);
        Assert.Equal(disk.Sum, seen.File);
    }

    [Fact]
    public void What_is_given_takes_the_place_of_its_own()
    {
        using var disk = new GuestDisk("6.1-cloud-amd64");
        using var other = new GuestDisk("6.1-cloud-amd64", dataSize: 7);
        byte[] bytes = Make(
            PeFile.Stub(),
            disk,
            (".profile", "ID=main\n"u8.ToArray()),
            (".profile", "ID=debug\n"u8.ToArray()),
            (".cmdline", Encoding.ASCII.GetBytes($"{CommandLine} profile=debug")));
        string image = disk.Put("uki.efi", bytes);
        var given = UserSpace.Read(CommandTool.Run(image, "--initrd", other.Initrd, "--cmdline", $"{CommandLine} given"));
        Assert.Equal(($"{CommandLine} given", other.Sum), (given.CommandLine, given.File));
        JsonElement built = CommandTool.Build(image, "--profile", "debug");
        Assert.Equal($"{CommandLine} profile=debug", built.GetProperty("command_line").GetString());
        Assert.Equal(CommandLine, CommandTool.Build(image).GetProperty("command_line").GetString());
        ToolRun wrong = CommandTool.Start("build", image, "--profile", "none");
        Assert.Equal(1, wrong.ExitCode);
        Assert.EndsWith("it has no profile 'none', but 0 (main), 1 (debug)\n", wrong.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_compressed_one_is_opened_too()
    {
        using var disk = new GuestDisk("6.1-cloud-amd64");
        string packed = disk.Put("uki.efi.gz", Filter.Run("gzip -1 -c", Make(Stub("systemd-stub"), disk)));
        Assert.Equal(CommandLine, CommandTool.Build(packed).GetProperty("command_line").GetString());
    }

    private static byte[] Stub(string package) => File.ReadAllBytes(Fetched.Find("kernels", package, "linuxx64.efi.stub"));

    private static byte[] Make(byte[] stub, GuestDisk disk, params (string Name, byte[] Bytes)[] more) => PeFile.Add(
        stub,
        [
            (".osrel", "ID=test\n"u8.ToArray()),
            (".cmdline", Encoding.ASCII.GetBytes(CommandLine)),
            (".ucode", new byte[512]),
            (".initrd", File.ReadAllBytes(disk.Initrd)),
            (".linux", File.ReadAllBytes(disk.Kernel)),
            .. more,
        ]);
}
