using System.Globalization;
using System.Text;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Cli;

/// <summary>Small and large memories, long command lines, large ramdisks, many ranges of memory.</summary>
public sealed class LimitRunTests
{
    private const string Kernel = "6.12-amd64";
    private const string CommandLine = "console=ttyS0 quiet panic=-1 mitigations=off cryptomgr.notests";
    private const ulong Mebibyte = 1 << 20;

    [Theory]
    [InlineData("96M", 96)]
    [InlineData("6G", 6144)]
    public void Guest_sees_its_memory(string size, ulong mebibytes)
    {
        using var disk = new GuestDisk(Kernel);
        UserSpace seen = Run(disk, "--memory", size);

        // The machine keeps the hole below 1 MiB and some pages of its firmware's to itself.
        Assert.InRange(seen.Memory, (mebibytes - 1) * Mebibyte, mebibytes * Mebibyte);
    }

    [Fact]
    public void Ramdisk_may_be_large()
    {
        using var disk = new GuestDisk(Kernel, 64 << 20);
        Assert.True(disk.InitrdLength > 64 << 20);
        _ = Run(disk, "--memory", "512M");
    }

    [Fact]
    public void Several_ramdisks_are_one()
    {
        using var disk = new GuestDisk(Kernel);
        var second = new CpioArchive();
        second.AddFile("data", "of the second"u8);
        string more = disk.Put("more", second.ToArray());
        UserSpace seen = UserSpace.Read(
            CommandTool.Run(disk.Kernel, "--initrd", disk.Initrd, "--initrd", more, "--cmdline", CommandLine));
        Assert.Equal(UserSpace.SumOf(disk.Word, "of the second"u8.ToArray()), seen.File);
    }

    [Theory]
    [InlineData("6.12-amd64", "linux64")]
    [InlineData("6.1-686-pae", "linux32")]
    public void Command_line_may_be_as_long_as_the_kernel_takes_it(string kernel, string way)
    {
        const int Limit = 2047;
        using var disk = new GuestDisk(kernel);
        string longest = CommandLine + " " + new string('x', Limit - CommandLine.Length - 2) + "y";
        UserSpace seen = UserSpace.Read(
            CommandTool.Run(disk.Kernel, "--boot", way, "--initrd", disk.Initrd, "--cmdline", longest));
        Assert.Equal(longest, seen.CommandLine);

        ToolRun longer = CommandTool.Start("build", disk.Kernel, "--boot", way, "--cmdline", longest + "z");
        Assert.Equal(1, longer.ExitCode);
        Assert.Contains("2047 bytes", Assert.Single(longer.Errors.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_map_may_have_300_ranges()
    {
        var ranges = new List<(ulong First, ulong Last, string Type)>
        {
            (0, 0x9ffff, "System RAM"),
            (Mebibyte, (256 * Mebibyte) - 1, "System RAM"),
        };
        for (uint i = 2; i < 300; i++)
        {
            ulong start = (256 * Mebibyte) + (i * 0x10000);
            ranges.Add((start, start + 0x7fff, i % 2 == 0 ? "System RAM" : "Reserved"));
        }

        var lines = new StringBuilder("# first and last range, and 298 pieces\n");
        foreach ((ulong first, ulong last, string type) in ranges)
            lines.Append(CultureInfo.InvariantCulture, $"0x{first:x}-0x{last + 1:x}={(type == "Reserved" ? "reserved" : "ram")}\n");
        using var disk = new GuestDisk(Kernel);
        UserSpace seen = Run(disk, "--memory", "512M", "--e820", disk.Put("map", Encoding.ASCII.GetBytes(lines.ToString())));
        Assert.Equal(ranges, seen.Map);
    }

    private static UserSpace Run(GuestDisk disk, params string[] arguments)
    {
        UserSpace seen = UserSpace.Read(
            CommandTool.Run([disk.Kernel, "--initrd", disk.Initrd, "--cmdline", CommandLine, .. arguments]));
        Assert.Equal(CommandLine, seen.CommandLine);
        Assert.Equal(disk.Sum, seen.File);
        return seen;
    }
}
