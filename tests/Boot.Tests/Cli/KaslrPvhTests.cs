using System.Text.Json;

namespace BootProtocol.Boot.Tests.Cli;

/// <summary>PVH kernels at virtual offsets: one whose entry has its distance as an operand, and one that takes it from its note.</summary>
public sealed class KaslrPvhTests
{
    [Theory]
    [InlineData("6.12-amd64", "--kaslr", "0x6000000")]
    [InlineData("sid-amd64", "--kaslr", "0x6000000")]
    [InlineData("sid-amd64", "--kaslr", "0x6000000", "--kernel-at", "0x9000000", "--memory", "512M")]
    [InlineData("sid-amd64", "--kaslr", "0x2000000", "--kernel-at", "0x8000000")]
    [InlineData("sid-amd64", "--kaslr", "0x1c400000", "--memory", "1G")]
    [InlineData("sid-amd64", "--kaslr", "random", "--seed", "2", "--memory", "512M")]
    public void Kernel_runs_at_the_chosen_offset(string kernel, params string[] more)
    {
        using var disk = new GuestDisk(kernel);
        const string CommandLine = "console=ttyS0 quiet panic=-1 mitigations=off cryptomgr.notests";
        string[] arguments = [disk.Kernel, "--boot", "pvh", "--initrd", disk.Initrd, "--cmdline", CommandLine, .. more];
        JsonElement built = CommandTool.Build(arguments).GetProperty("kernel");
        ulong offset = CommandTool.Address(built.GetProperty("virtual_offset"));
        var seen = UserSpace.Read(CommandTool.Run(arguments));
        Assert.Equal(disk.LinkedText + offset, seen.Text);
        Assert.Equal(disk.Sum, seen.File);
        Console.WriteLine($"kaslr pvh {kernel}: _text at 0x{seen.Text:x}, the kernel at {built.GetProperty("start").GetString()}");
    }
}
