using System.Text.Json;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Cli;

/// <summary>Debian's kernels, by every protocol that they support: ramdisk and command line are seen inside as they were given.</summary>
public sealed class KernelRunTests(BootTable table) : IClassFixture<BootTable>
{
    private const string CommandLine = "console=ttyS0 quiet nokaslr panic=-1 mitigations=off cryptomgr.notests said=\"some words\"  and  spaces";

    [Theory]
    [InlineData("6.12-amd64", "linux64")]
    [InlineData("6.12-amd64", "linux32")]
    [InlineData("6.12-amd64", "pvh")]
    [InlineData("6.1-cloud-amd64", "linux64")]
    [InlineData("6.1-cloud-amd64", "linux32")]
    [InlineData("6.1-cloud-amd64", "pvh")]
    [InlineData("6.1-686-pae", "linux32")]
    [InlineData("6.1-686-pae", "pvh")]
    [InlineData("sid-amd64", "linux64")]
    [InlineData("sid-amd64", "linux32")]
    [InlineData("sid-amd64", "pvh")]
    [InlineData("sid-cloud-amd64", "linux64")]
    [InlineData("trixie-rt-amd64", "pvh")]
    [InlineData("trixie-amd64", "linux64")]
    [InlineData("bookworm-signed-amd64", "linux64")]
    [InlineData("installer-i386", "linux32")]
    public void Kernel_reaches_user_space(string kernel, string way)
    {
        string package = File.ReadAllText(Fetched.Find("kernels", kernel, "PACKAGE")).Trim();
        Fetched.Check([package], () => RunToUserSpace(kernel, way));
    }

    private void RunToUserSpace(string kernel, string way)
    {
        using var disk = new GuestDisk(kernel);
        string[] arguments = [disk.Kernel, "--boot", way, "--initrd", disk.Initrd, "--cmdline", CommandLine];
        ToolRun run = CommandTool.Run(arguments);
        var seen = UserSpace.Read(run);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(CommandLine, seen.CommandLine);
        Assert.Equal(disk.Sum, seen.File);
        Assert.Equal(disk.LinkedText, seen.Text);
        if (disk.Word == WordSize.Bits64)
        {
            // By PVH the kernel's own code fills the field, with QEMU's number 0xb.
            Assert.Equal(way == "pvh" ? "176" : "255", seen.Loader);
            JsonElement built = CommandTool.Build(arguments);
            JsonElement initrd = built.GetProperty("regions").EnumerateArray()
                .Single(region => region.GetProperty("name").GetString() == "initrd");
            Assert.Equal(disk.InitrdLength, initrd.GetProperty("size").GetInt64());
            Assert.Equal(CommandTool.Address(initrd.GetProperty("start")), seen.Ramdisk.First);
            Assert.Equal((CommandTool.Address(initrd.GetProperty("end")) + 0xfff) & ~0xfffUL, seen.Ramdisk.Last + 1);
        }

        table.Add(kernel, way, "user space, ramdisk and command line as given");
    }

    /// <summary>What "every protocol that it supports" is, is what inspect says.</summary>
    [Theory]
    [InlineData("6.12-amd64", "linux64 linux32 pvh xen-pv")]
    [InlineData("6.1-cloud-amd64", "linux64 linux32 pvh xen-pv")]
    [InlineData("6.1-686-pae", "linux32 pvh")]
    [InlineData("installer-i386", "linux32")]
    public void Supported_protocols_are_known(string kernel, string ways)
    {
        string image = Fetched.Find("kernels", kernel, "vmlinuz");
        using var json = JsonDocument.Parse(CommandTool.Start("inspect", "--json", image).Succeeded());
        foreach (JsonElement way in json.RootElement.GetProperty("boots").EnumerateArray())
        {
            string name = way.GetProperty("name").GetString()!;
            Assert.Equal(ways.Split(' ').Contains(name), way.GetProperty("possible").GetBoolean());
            if (way.GetProperty("reason").GetString() is { } reason)
                table.Add(kernel, name, $"not possible: {reason}");
        }
    }

    [Theory]
    [InlineData("6.12-amd64", "linux64")]
    [InlineData("6.1-686-pae", "linux32")]
    public void First_possible_way_is_taken(string kernel, string way)
    {
        using var disk = new GuestDisk(kernel);
        Assert.Equal(way, CommandTool.Build(disk.Kernel).GetProperty("boot").GetString());
    }

    [Fact]
    public void Boot_loader_that_was_chosen_is_seen()
    {
        using var disk = new GuestDisk("6.12-amd64");
        string[] arguments = [disk.Kernel, "--initrd", disk.Initrd, "--cmdline", CommandLine, "--loader-type", "0x123"];
        Assert.Equal($"{0x123}", UserSpace.Read(CommandTool.Run(arguments)).Loader);
    }
}
