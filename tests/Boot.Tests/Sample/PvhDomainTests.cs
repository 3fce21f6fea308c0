using System.IO.Hashing;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Domains;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Relocate;
using BootProtocol.Sample;
using BootProtocol.Stubs;
using BootProtocol.Testing;

namespace BootProtocol.Boot.Tests.Sample;

/// <summary>What the sample guest finds in a PVH domain that the library built.</summary>
public sealed class PvhDomainTests
{
    [Theory]
    [InlineData(WordSize.Bits64, 0)]
    [InlineData(WordSize.Bits64, 1)]
    [InlineData(WordSize.Bits32, 0)]
    [InlineData(WordSize.Bits32, 1)]
    public async Task Guest_finds_all_that_was_asked_for(WordSize word, int version)
    {
        byte[] initrd = new byte[70_001];
        new Random(1).NextBytes(initrd);
        var map = new MemoryMap(
        [
            new MemoryRange(new Paddr(0), 0xa0000, E820Type.Ram),
            new MemoryRange(new Paddr(0x100000), 0x3f00000, E820Type.Ram),
            .. Enumerable.Range(0, 200).Select(index => new MemoryRange(new Paddr((ulong)(index + 4) << 30), 0x1234, E820Type.Reserved)),
        ]);
        using PvhDomain domain = Build(word, new PvhBuilder
        {
            MemorySize = 64 << 20,
            Map = map,
            Version = version,
            CommandLine = "über \"all\"  x=1",
            Initrds = [initrd.AsMemory(..40_001), initrd.AsMemory(40_001..)],
            Modules = [new PvhModule("second"u8.ToArray(), "of two modules"), new PvhModule("third"u8.ToArray(), new string('x', 3000))],
            AcpiRsdp = new Paddr(0xe1230),
        });

        // Each ramdisk starts at a multiple of 4.
        byte[] joined = [.. initrd.AsSpan(..40_001), 0, 0, 0, .. initrd.AsSpan(40_001..)];
        GuestReport report = await Report(domain);
        Assert.Equal("pvh", report["entry"]);
        Assert.Equal($"{version}", report["version"]);
        Assert.Equal((ulong)joined.Length, report.Numbers("initrd")[1]);
        Assert.Equal(Crc32.HashToUInt32(joined), report.Number("initrd-crc32"));
        Assert.Equal(version == 0 ? 0 : 202, report.All("memory").Count);
        Assert.Equal(["", "of two modules", new string('x', 3000)], report.All("module-command-line"));
        Assert.Equal(0xe1230u, report.Number("rsdp"));
    }

    [Theory]
    [InlineData(WordSize.Bits64, 0x6000000, 0x1200000)]
    [InlineData(WordSize.Bits32, 0x6000000, 0x1200000)]
    [InlineData(WordSize.Bits64, 0x3fc00000, 0x200000)]
    public async Task Guest_runs_where_it_was_placed(WordSize word, ulong offset, ulong start)
    {
        using PvhDomain domain = Build(word, new PvhBuilder
        {
            MemorySize = 64 << 20,
            Kaslr = Kaslr.At(offset),
            KernelAddress = new Paddr(start),
        });
        GuestReport report = await Report(domain);
        Assert.Equal(start, report.Number("physical"));
        Assert.Equal(SampleKernel.Link(word).Address.Value + offset, report.Number("virtual"));
        foreach (string list in word == WordSize.Bits64 ? (string[])["64", "inverse-32", "32"] : ["32"])
            Assert.Equal("right", report["relocation-" + list]);
    }

    private static PvhDomain Build(WordSize word, PvhBuilder builder)
    {
        using var image = BootImage.Open(SampleGuest.Create(word));
        using Kernel kernel = image.Decompress();
        return builder.Build(kernel);
    }

    private static async Task<GuestReport> Report(PvhDomain domain)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("domain.elf");
        await using (FileStream file = File.Create(path))
            DomainElf.Write(domain, file);
        return (await new Machine { Type = "q35", Kernel = path }.RunAsync()).Report();
    }
}
