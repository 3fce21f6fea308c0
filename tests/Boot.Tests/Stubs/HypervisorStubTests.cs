using System.IO.Hashing;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Boot.Tests.Sample;

namespace BootProtocol.Boot.Tests.Stubs;

/// <summary>The hypervisor stub, started by QEMU, under the sample guest as a PV domain.</summary>
public sealed class HypervisorStubTests
{
    [Theory]
    [InlineData("q35", WordSize.Bits64)]
    [InlineData("q35", WordSize.Bits32)]
    [InlineData("pc", WordSize.Bits64)]
    [InlineData("pc", WordSize.Bits32)]
    [InlineData("microvm", WordSize.Bits64)]
    [InlineData("microvm", WordSize.Bits32)]
    public async Task EntersTheDomainAsXenDoes(string machine, WordSize word)
    {
        bool wide = word == WordSize.Bits64;
        byte[] initrd = new byte[3000];
        new Random(5).NextBytes(initrd);
        var domain = new HandMadePvDomain(word, initrd, "one command line");
        MachineRun run = await RunAsync(machine, domain);
        GuestReport report = run.Report();

        Assert.Equal("xen-pv", report["entry"]);
        Assert.Equal("on", report["paging"]);
        Assert.Equal(wide ? "3" : "1", report["ring"]);
        Assert.Equal(wide ? 0xe033u : 0xe019u, report.Number("code-segment"));
        Assert.Equal("on", report["interrupts"]);
        Assert.Equal(domain.StartInfo.Value, report.Number("pointer"));
        Assert.Equal(wide ? "xen-3.0-x86_64" : "xen-3.0-x86_32p", report["magic"]);
        Assert.Equal("one command line", report["command-line"]);
        Assert.Equal(Crc32.HashToUInt32(initrd), report.Number("initrd-crc32"));
        Assert.Equal(domain.FrameListChecksum, report.Number("p2m-crc32"));
        Assert.Equal(domain.PageTables.Value, report.Number("cr3"));
        Assert.Equal((ulong)HandMadePvDomain.MappedPages, report.Number("mapped-pages"));
        Assert.Equal((ulong)domain.TableFrames, report.Number("read-only-pages"));
        Assert.Equal("0", report["foreign-tables"]);
        Assert.Equal("fault", report["page-table-write"]);
    }

    [Theory]
    [InlineData(WordSize.Bits64)]
    [InlineData(WordSize.Bits32)]
    public async Task TellsOfADomainThatCrashes(WordSize word)
    {
        const ulong Nowhere = 0xc1234560;
        var domain = new HandMadePvDomain(word, [], "") { EntryPoint = new Vaddr(Nowhere) };
        MachineRun run = await RunAsync("q35", domain);
        Assert.Contains(
            word == WordSize.Bits64
                ? "hypervisor: the domain crashed by exception 0x0000000e at 0x00000000c1234560"
                : "hypervisor: the domain crashed by exception 0x0000000e at 0xc1234560",
            run.Output,
            StringComparison.Ordinal);
        Assert.Equal(Machine.SwitchedOff, run.ExitCode); // the reset, with QEMU's -no-reboot
    }

    private static async Task<MachineRun> RunAsync(string machine, HandMadePvDomain domain)
    {
        using var files = new GuestFiles();
        return await new Machine
        {
            Type = machine,
            Kernel = files.Put("domain.elf", domain.File()),
            Arguments = machine == "microvm" ? ["-device", "isa-debug-exit,iobase=0x501,iosize=2"] : [],
        }.RunAsync();
    }
}
