using BootProtocol.Boot.Tests.Machines;

namespace BootProtocol.Boot.Tests.Cli;

/// <summary>One file that build wrote, in several machines.</summary>
public sealed class SameFileTests
{
    private const string CommandLine = "console=ttyS0 quiet panic=-1 mitigations=off cryptomgr.notests same=file";

    [Theory]
    [InlineData("6.12-amd64", "linux64", "q35", "pc", "microvm")]
    [InlineData("6.12-amd64", "pvh", "pc", "microvm")]
    [InlineData("6.1-686-pae", "linux32", "q35", "microvm")]
    public async Task File_boots_in_any_machine(string kernel, string way, params string[] machines)
    {
        using var disk = new GuestDisk(kernel);
        string file = disk.Place("guest.elf");
        string[] arguments =
        [
            disk.Kernel, "--boot", way, "--initrd", disk.Initrd, "--cmdline", CommandLine, "--memory", "256M", "-o", file,
        ];
        _ = CommandTool.Start(["build", .. arguments]).Succeeded();
        foreach (string type in machines)
        {
            MachineRun run = await new Machine
            {
                Type = type,
                Kernel = file,
                Memory = 256,
                Arguments = Machine.ForLinux(type),
                EndMark = "end of report",
            }.RunAsync();
            var seen = UserSpace.Read(run.Output, run.ToString());
            Assert.Equal(CommandLine, seen.CommandLine);
            Assert.Equal(disk.Sum, seen.File);
        }
    }
}
