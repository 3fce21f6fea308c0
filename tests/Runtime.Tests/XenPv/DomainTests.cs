using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using BootProtocol.Domains;
using BootProtocol.Memory;
using BootProtocol.Output;
using BootProtocol.Rules;
using BootProtocol.Runtime.Tests.Oracle;
using BootProtocol.Testing;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.XenPv;

/// <summary>What a domain tells about itself, and options that Xen's own builder has not.</summary>
[Needs(Need.Kernels)]
public sealed class DomainTests
{
    /// <summary>Wherever the kernel ends: behind the stack are at least 512 KiB, up to the next multiple of 4 MiB.</summary>
    [Theory]
    [InlineData(WordSize.Bits64, 0xffffffff80000000)]
    [InlineData(WordSize.Bits32, 0xc0000000)]
    public void A_kernel_has_512_KiB_for_its_first_use(WordSize word, ulong address)
    {
        for (ulong size = 0x200000; size < 0x600000; size += 0x8000)
        {
            byte[] kernel = new PvKernel { Word = word, VirtualBase = address, MemorySize = size }.Build();
            using XenPvDomain domain = PvDomains.Build(kernel, new XenPvBuilder { MemorySize = 64 << 20 });
            Region padding = domain.Regions.Single(region => region.Name == "padding");
            Assert.InRange(padding.Length, 512ul << 10, (512ul << 10) + (4ul << 20));
            Assert.Equal(0ul, padding.End.Value % (4 << 20));
        }
    }

    public static TheoryData<string, int> Kernels => new()
    {
        { "grub-i386-xen.bin", 0 },
        { "grub-x86_64-xen.bin", 5000 },
        { "sample-32", 5000 },
        { "6.12-amd64", 5000 },
        { "6.1-cloud-amd64", 0 },
    };

    /// <summary>Each page of what is laid out belongs to one region, which says why, and where the guest sees it.</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void Regions_leave_no_page_out(string kernel, int initrd)
    {
        using XenPvDomain domain = PvDomains.Build(PvDomains.Image(kernel), Builder(initrd));
        ulong next = 0;
        Vaddr frameZero = domain.Regions[0].Virtual!.Value;
        foreach (Region region in domain.Regions)
        {
            Assert.Equal(next, region.Start.Value / X86Page.Size);
            Assert.NotEmpty(region.Reason);
            next = (region.End.Value + X86Page.Size - 1) / X86Page.Size;
            if (next <= domain.MappedEnd.Value)
                Assert.Equal(frameZero.Value + region.Start.Value, region.Virtual!.Value.Value);
            else
                Assert.Equal(region.Name == "p2m" ? domain.P2MAddress : null, region.Virtual);
        }

        Assert.Equal(domain.LaidOutEnd.Value, next);
        Assert.Equal(BootWay.XenPv, domain.Way);
        Assert.Equal(domain.FrameCount * X86Page.Size, domain.Map.RamSize);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Frames_that_a_hypervisor_asks_for_are_told(string kernel, int initrd)
    {
        using XenPvDomain domain = PvDomains.Build(PvDomains.Image(kernel), Builder(initrd));
        StartInfo info = PvDomains.StartInfoOf(domain);
        Assert.Equal(info.StoreMfn, domain.Frames[domain.XenstoreFrame]);
        Assert.True(info.TryGetConsoleDomu(out DomuConsole console));
        Assert.Equal(console.Mfn, domain.Frames[domain.ConsoleFrame]);
        Assert.Equal(info.MfnList, domain.P2MAddress);
        Assert.Equal(info.NrPages, domain.FrameCount);
        Assert.Equal(PvDomains.Pointer(domain), domain.StartInfoAddress.Value);
        VcpuGuestContext context = VcpuGuestContext.Parse(domain.VcpuContext.Span, domain.Placement.Word);
        Mfn top = domain.Frames[domain.TopTable];
        Assert.Equal(domain.Placement.Word == WordSize.Bits64 ? top.Value << 12 : (uint)(top.Value << 12 | top.Value >> 20), context.Ctrlreg[3]);
        Assert.Equal(top, context.TopTable);
        Assert.Equal(domain.StartInfoAddress, context.StartPointer);
        Assert.Null(domain.HypercallFrame);
        Assert.Equal(domain.Placement.Word == WordSize.Bits32 ? VmAssistFlags.PaeExtendedCr3 : 0, domain.Assists);
    }

    /// <summary>Machine frames of any kind, in memory that has no more than the guest's own: the way into a hypervisor's frames.</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_domain_is_built_in_frames_and_memory_of_a_hypervisor(string kernel, int initrd)
    {
        const int Mebibytes = 96;
        byte[] image = PvDomains.Image(kernel);
        using var memory = new LimitedMemory((ulong)Mebibytes << 20);
        var builder = new XenPvBuilder
        {
            MemorySize = (ulong)Mebibytes << 20,
            Initrds = Initrds(initrd),
            Target = memory,
            Frames = new ShuffledFrames(0x2000, Mebibytes * 256),
            SharedInfoFrame = new Mfn(0x1234),
            StorePort = 7,
            ConsolePort = 9,
        };
        using XenPvDomain domain = PvDomains.Build(image, builder);
        Assert.Same(memory, domain.Memory);
        Assert.Empty(PvDomains.Verify(domain));
        Assert.InRange(memory.Extents.Count, 2, 4);
        Assert.InRange(memory.Claimed, 1, (long)domain.LaidOutEnd.ToPaddr().Value);
        StartInfo info = PvDomains.StartInfoOf(domain);
        Assert.True(info.TryGetConsoleDomu(out DomuConsole console));
        Assert.Equal((7u, 9u), (info.StoreEvtchn, console.Evtchn));
        Assert.Equal(0x1234000ul, info.SharedInfo.Value);
        Assert.Equal(StartInfoFlags.VirtualP2MForTools, info.Flags & StartInfoFlags.VirtualP2MForTools);

        // But for machine frames, it is the domain that is built in memory of this process.
        using XenPvDomain local = PvDomains.Build(image, new XenPvBuilder { MemorySize = (ulong)Mebibytes << 20, Initrds = Initrds(initrd) });
        Assert.Equal(local.Regions, domain.Regions);
        byte[] ours = Read(local, local.Placement.Start, (int)local.Placement.Length);
        Assert.True(Read(domain, domain.Placement.Start, ours.Length).AsSpan().SequenceEqual(ours));
    }

    [Fact]
    public void Frame_list_has_the_machine_frame_of_every_frame()
    {
        var frames = new ShuffledFrames(0x5000, 16 * 256);
        using XenPvDomain domain = PvDomains.Build(new PvKernel().Build(), new XenPvBuilder { MemorySize = 16 << 20, Frames = frames });
        byte[] list = Read(domain, domain.P2MFrame.ToPaddr(), 16 * 256 * 8);
        for (int i = 0; i < 16 * 256; i++)
            Assert.Equal(frames[new Pfn((ulong)i)].Value, BinaryPrimitives.ReadUInt64LittleEndian(list.AsSpan(i * 8)));
    }

    /// <summary>A kernel of 64 bits from before there were notes for all, and its forerunner in words.</summary>
    [Theory]
    [InlineData(WordSize.Bits64, "GUEST_OS=linux,VIRT_BASE=0xffffffff80000000,VIRT_ENTRY=0xffffffff80001000,HYPERCALL_PAGE=0x1,LOADER=x")]
    [InlineData(WordSize.Bits32, "LOADER=generic,VIRT_BASE=0xc0000000,HYPERCALL_PAGE=0x2,VIRT_ENTRY=0xc0001000")]
    [InlineData(WordSize.Bits32, "GUEST_OS=linux,VIRT_BASE=0xc0000000,ELF_PADDR_OFFSET=0xc0000000,VIRT_ENTRY=0xc0000000,BSD_SYMTAB")]
    public void Kernels_with_a_text_in_place_of_notes_are_laid_out_as_by_Xens_own_builder(WordSize word, string text)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("kernel");
        ulong offset = word == WordSize.Bits64 ? 0xffffffff80000000 : 0xc0000000;
        text += ",XEN_VER=xen-3.0,PAE=yes[extended-cr3]";
        File.WriteAllBytes(path, new PvKernel { Word = word, PaddrOffset = offset, MemorySize = 20_000, XenGuest = text }.Build());
        var one = new PvCase(path, null, "x", 9);
        Assert.Equal(PvOutcome.Equal, one.Compare(folder));

        // The frame to be filled with the entries of hypercalls.
        using XenPvDomain domain = one.Build();
        string report = OracleRun.Start("pv", path, null, "x", 9).Report;
        string? line = report.Split('\n').FirstOrDefault(static line => line.StartsWith("hypercall_page", StringComparison.Ordinal));
        Assert.Equal(line, domain.HypercallFrame is { } frame ? $"hypercall_page frame {frame}" : null);
        Assert.Equal(text.Contains("HYPERCALL", StringComparison.Ordinal), line is not null);
    }

    /// <summary>The files are those of the oracle, and the description names the frames.</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void Raw_output_is_what_Xens_own_builder_makes(string kernel, int initrd)
    {
        using var folder = new TemporaryFolder();
        string image = folder.File("image");
        string initrdFile = folder.File("initrd");
        File.WriteAllBytes(image, PvDomains.Image(kernel));
        File.WriteAllBytes(initrdFile, new byte[initrd]);
        var theirs = OracleRun.Start("pv", image, initrd == 0 ? null : initrdFile, "", 96);
        using XenPvDomain domain = PvDomains.Build(File.ReadAllBytes(image), Builder(initrd));
        string path = folder.File("domain");
        RawOutput.Write(domain, path);
        Assert.True(File.ReadAllBytes(path).AsSpan().SequenceEqual(theirs.Memory));
        Assert.Equal(theirs.Vcpu, File.ReadAllBytes(path + ".vcpu"));

        using var json = JsonDocument.Parse(File.ReadAllBytes(path + ".json"));
        JsonElement pv = json.RootElement.GetProperty("xen_pv");
        foreach (string name in new[] { "start_info", "console", "xenstore" })
            Assert.Equal(theirs.Number("start_info 0x", name), Number(pv.GetProperty(name).GetProperty("pfn")));
        Assert.Equal(theirs.Number("pgtables_seg", "pfn"), Number(pv.GetProperty("top_table").GetProperty("pfn")));
        Assert.Equal(theirs.Number("p2m_seg", "pfn"), Number(pv.GetProperty("p2m").GetProperty("pfn")));
        ulong tables = (ulong)pv.GetProperty("page_tables").EnumerateArray().Sum(static table => table.GetProperty("frames").GetInt64());
        ulong apart = theirs.Number("p2m_seg", "pages") - domain.P2MFrameCount;
        Assert.Equal(theirs.Number("pgtables_seg", "pages") + apart, tables);
        string ip = domain.Placement.Word == WordSize.Bits64 ? "rip" : "eip";
        Assert.Equal(theirs.Number("vcpu", ip), Number(json.RootElement.GetProperty("cpu").GetProperty(ip)));
    }

    private static ulong Number(JsonElement element) =>
        ulong.Parse(element.GetString()!.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static XenPvBuilder Builder(int initrd) => new() { MemorySize = 96 << 20, Initrds = Initrds(initrd) };

    private static ImmutableArray<ReadOnlyMemory<byte>> Initrds(int length) => length == 0 ? [] : [new byte[length]];

    private static byte[] Read(XenPvDomain domain, Paddr start, int length)
    {
        byte[] bytes = new byte[length];
        domain.Memory.Read(start, bytes);
        return bytes;
    }
}
