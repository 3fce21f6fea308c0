using BootProtocol.Boot.Tests.Machines;

namespace BootProtocol.Boot.Tests.Sample;

/// <summary>The sample guest's ELF file, entered by its PVH note.</summary>
public sealed class PvhBootTests
{
    [Theory]
    [InlineData("q35", WordSize.Bits64)]
    [InlineData("q35", WordSize.Bits32)]
    [InlineData("pc", WordSize.Bits64)]
    [InlineData("pc", WordSize.Bits32)]
    [InlineData("microvm", WordSize.Bits64)]
    [InlineData("microvm", WordSize.Bits32)]
    public async Task ReportsWhatItWasGiven(string type, WordSize word)
    {
        using var files = new GuestFiles();
        MachineRun run = await new Machine
        {
            Type = type,
            Kernel = files.Elf(word),
            CommandLine = "hello \"world\"  x=1",
            Initrd = files.Initrd(123_457, out uint checksum),
        }.RunAsync();

        Assert.Equal(Machine.SwitchedOff, run.ExitCode);
        GuestReport report = run.Report();
        Assert.Equal("pvh", report["entry"]);
        Assert.Equal("on", report["protected-mode"]);
        Assert.Equal("off", report["paging"]);
        Assert.Equal("off", report["pae"]);
        Assert.Equal("off", report["long-mode"]);
        Assert.Equal("off", report["interrupts"]);
        Assert.Equal("0", report["ring"]);
        Assert.Equal(0x336ec578u, report.Number("magic"));
        Assert.Equal("1", report["version"]);
        Assert.Equal("hello \"world\"  x=1", report["command-line"]);
        Assert.Equal(123_457u, report.Numbers("initrd")[1]);
        Assert.Equal(checksum, report.Number("initrd-crc32"));
        Assert.Equal("right", report["relocation-32"]);
        Assert.Contains(report.All("memory"), range => range.EndsWith(" 1", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(WordSize.Bits64)]
    [InlineData(WordSize.Bits32)]
    public async Task NeedsNeitherInitrdNorCommandLine(WordSize word)
    {
        using var files = new GuestFiles();
        MachineRun run = await new Machine { Type = "q35", Kernel = files.Elf(word) }.RunAsync();
        GuestReport report = run.Report();
        Assert.Equal("", report["command-line"]);
        Assert.Empty(report.All("initrd"));
    }

    [Theory]
    [InlineData(WordSize.Bits64, 3584)]
    [InlineData(WordSize.Bits64, 6144)]
    [InlineData(WordSize.Bits32, 3584)]
    [InlineData(WordSize.Bits32, 6144)]
    public async Task SeesLargeMemory(WordSize word, int memory)
    {
        using var files = new GuestFiles();
        MachineRun run = await new Machine
        {
            Type = "pc",
            Kernel = files.Elf(word),
            Memory = memory,
            Initrd = files.Initrd(4095, out uint checksum),
        }.RunAsync();
        GuestReport report = run.Report();
        Assert.Equal(checksum, report.Number("initrd-crc32"));

        ulong usable = 0;
        for (int i = 0; i < report.All("memory").Count; i++)
        {
            ulong[] range = report.Numbers("memory", i);
            usable += range[2] == 1 ? range[1] : 0;
        }

        Assert.InRange(usable, ((ulong)memory << 20) - (1 << 20), (ulong)memory << 20);
    }

    [Fact]
    public async Task ExitStatusSaysThatTheReportIsComplete()
    {
        using var files = new GuestFiles();
        MachineRun run = await new Machine
        {
            Type = "q35",
            Kernel = files.Elf(WordSize.Bits64),
            Arguments = ["-device", "isa-debug-exit,iobase=0x501,iosize=2"],
        }.RunAsync();
        Assert.True(run.Report().IsComplete);
        Assert.Equal((0x10 << 1) | 1, run.ExitCode);
    }
}
