using BootProtocol.Boot.Tests.Machines;

namespace BootProtocol.Boot.Tests.Sample;

/// <summary>The sample guest's bzImage: its own setup code, unpacker and kernel, loaded by QEMU as any Linux.</summary>
public sealed class LinuxBootTests
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
            Kernel = files.Image(word),
            CommandLine = "hello linux",
            Initrd = files.Initrd(77_777, out uint checksum),
        }.RunAsync();

        Assert.Equal(Machine.SwitchedOff, run.ExitCode);
        GuestReport report = run.Report();
        bool wide = word == WordSize.Bits64;
        Assert.Equal("linux32", report["image-entry"]);
        Assert.Equal(wide ? "linux64" : "linux32", report["entry"]);
        Assert.Equal(wide ? "on" : "off", report["paging"]);
        Assert.Equal(wide ? "on" : "off", report["pae"]);
        Assert.Equal(wide ? "on" : "off", report["long-mode"]);
        Assert.Equal("0", report["ring"]);
        Assert.Equal("off", report["interrupts"]);
        Assert.Equal(0x53726448u, report.Number("magic"));
        Assert.Equal(0x20fu, report.Number("protocol"));
        Assert.Equal(0xb0u, report.Number("loader"));
        Assert.Equal(0u, report.Number("sentinel"));
        Assert.Equal(0x200000u, report.Number("physical"));
        Assert.Equal("hello linux", report["command-line"]);
        Assert.Equal(77_777u, report.Numbers("initrd")[1]);
        Assert.Equal(checksum, report.Number("initrd-crc32"));
        Assert.True(report.All("memory").Count >= 3);
    }
}
