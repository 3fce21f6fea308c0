using System.Text.Json;
using BootProtocol.Domains;
using BootProtocol.Memory;
using BootProtocol.Output;
using BootProtocol.Runtime.Tests.Formats;
using BootProtocol.Runtime.Tests.XenPv;
using BootProtocol.Stubs;
using BootProtocol.Testing;
using BootProtocol.Xen;
using BootProtocol.XenStream;

namespace BootProtocol.Runtime.Tests.Output;

/// <summary>Guests as files for 'xl restore': read back by the spec's views, and by Xen's own check.</summary>
public sealed class XlOutputTests
{
    private const int Mebibytes = 24;

    private static readonly byte[] _initrd = [.. Enumerable.Range(0, 70_001).Select(static i => (byte)(i * 7))];

    [Theory]
    [InlineData("sample-64", 3)]
    [InlineData("sample-64", 2)]
    [InlineData("sample-32", 3)]
    [InlineData("sample-32", 2)]
    public void Every_page_is_the_guests_own(string name, int version)
    {
        using XenPvDomain domain = PvDomains.Build(PvDomains.Image(name), Shuffled());
        SavedDomain saved = Write(domain, new XlOutputOptions { StreamVersion = version });
        CheckRecords(domain, saved, (uint)version);
        CheckPages(domain, saved);
        CheckProcessor(domain, saved);
    }

    /// <summary>A list of frames at an address of its own, as Linux asks for, has tables apart from those of the kernel.</summary>
    [Fact]
    public void Page_tables_of_a_list_apart_are_tables()
    {
        byte[] image = new PvKernel { VirtualBase = 0xffffffff80000000, InitP2M = 0x8000000000, ModStartPfn = 1 }.Build();
        using XenPvDomain domain = PvDomains.Build(image, Shuffled());
        SavedDomain saved = Write(domain);
        CheckPages(domain, saved);
        Assert.Equal(2, saved.Pages.Values.Count(static page => page.Kind == XcPageType.L3));
    }

    [Fact]
    public void Configuration_is_what_libxl_reads()
    {
        using XenPvDomain domain = PvDomains.Build(PvDomains.Image("sample-64"), new XenPvBuilder { MemorySize = 16 << 20 });
        const string Name = "a \"name\" of ours, \u00e4";
        JsonElement root = Write(domain, new XlOutputOptions { Name = Name }).Configuration.RootElement;
        Assert.Equal(("pv", Name), (root.GetProperty("c_info").GetProperty("type").GetString(), root.GetProperty("c_info").GetProperty("name").GetString()));
        JsonElement build = root.GetProperty("b_info");
        Assert.Equal((16384, 16384), (build.GetProperty("max_memkb").GetInt32(), build.GetProperty("target_memkb").GetInt32()));
        Assert.Equal(1, build.GetProperty("max_vcpus").GetInt32());
    }

    [Theory]
    [Needs(Need.Kernels)]
    [InlineData("sample-64", 3)]
    [InlineData("sample-64", 2)]
    [InlineData("sample-32", 3)]
    [InlineData("sample-32", 2)]
    [InlineData("6.12-amd64", 3)]
    [InlineData("6.12-amd64", 2)]
    [InlineData("sid-amd64", 3)]
    [InlineData("sid-amd64", 2)]
    public void Xens_own_check_accepts_it(string name, int version)
    {
        var builder = new XenPvBuilder { MemorySize = 160 << 20, CommandLine = "console=hvc0", Initrds = [_initrd], MapInitrd = true };
        using XenPvDomain domain = PvDomains.Build(PvDomains.Image(name), builder);
        Assert.Empty(PvDomains.Verify(domain));
        byte[] file = Bytes(domain, new XlOutputOptions { StreamVersion = version });
        SavedDomain saved = SavedDomain.Read(file);
        CheckRecords(domain, saved, (uint)version);
        CheckPages(domain, saved);
        CheckProcessor(domain, saved);
        string seen = XenStreamCheck.Verify("xl", file);
        Assert.Contains($"Libxc Image Header: Version {version}, little endian", seen, StringComparison.Ordinal);
        Assert.Contains($"{(name == "sample-32" ? "32bit guest, 3" : "64bit guest, 4")} levels of pagetables", seen, StringComparison.Ordinal);
        Assert.Contains("Start pfn 0x0, End 0x9fff", seen, StringComparison.Ordinal);
        Assert.EndsWith("Libxl Record: End, length 0\n", seen, StringComparison.Ordinal);
    }

    /// <summary>A restore clears the flag by which mod_start is a frame number: the address has to be one where the guest finds its bytes.</summary>
    [Fact]
    public void Initrd_is_where_the_guest_would_look_without_flags()
    {
        byte[] image = new PvKernel { VirtualBase = 0x40000000, ModStartPfn = 1 }.Build();
        using XenPvDomain domain = PvDomains.Build(image, Shuffled());
        Assert.Empty(PvDomains.Verify(domain));
        StartInfo info = PvDomains.StartInfoOf(domain);
        Assert.False(info.Flags.HasFlag(StartInfoFlags.ModuleStartIsPfn));
        Assert.Equal((ulong)_initrd.Length, info.ModLen);

        SavedDomain saved = Write(domain);
        byte[] found = new byte[_initrd.Length];
        for (int at = 0; at < found.Length; at += X86Page.Size)
        {
            byte[] page = Follow(saved, 4, domain.TopTable.Value, info.ModStart!.Value.Value + (ulong)at);
            page.AsSpan(0, Math.Min(X86Page.Size, found.Length - at)).CopyTo(found.AsSpan(at));
        }

        Assert.Equal(_initrd, found);
    }

    [Fact]
    public void Initrd_that_is_not_mapped_is_refused()
    {
        byte[] image = new PvKernel { VirtualBase = 0x40000000, ModStartPfn = 1 }.Build();
        using XenPvDomain domain = PvDomains.Build(image, new XenPvBuilder { MemorySize = 16 << 20, Initrds = [_initrd] });
        CheckRefused(
            domain, "start_info.mod_start: expected an initial ramdisk that is mapped, as a restore clears SIF_MOD_START_PFN, found a frame number");
    }

    [Fact]
    public void Kernel_that_wants_a_page_of_hypercalls_is_refused()
    {
        byte[] image = new PvKernel { VirtualBase = 0x40000000, HypercallPage = 0x40001000 }.Build();
        using XenPvDomain domain = PvDomains.Build(image, new XenPvBuilder { MemorySize = 16 << 20 });
        CheckRefused(
            domain, "note Xen.HYPERCALL_PAGE: expected none, as a restore does not fill that page, and no contents are given, found one for frame 0x1");
    }

    /// <summary>Xen fills the page when a domain is built, and not when it is restored.</summary>
    [Fact]
    public void Page_of_hypercalls_is_in_the_file()
    {
        byte[] image = new PvKernel { VirtualBase = 0x40000000, HypercallPage = 0x40001000 }.Build();
        using XenPvDomain domain = PvDomains.Build(image, new XenPvBuilder { MemorySize = 16 << 20 });
        byte[] page = HypercallPage.Create(WordSize.Bits64);
        SavedDomain saved = Write(domain, new XlOutputOptions { HypercallPage = page });
        Assert.Equal(XcPageType.NoTable, saved.Pages[1].Kind);
        Assert.Equal(page, saved.Pages[1].Contents);
        using var output = new MemoryStream();
        Assert.Throws<ArgumentException>(() => XlOutput.Write(domain, output, new XlOutputOptions { HypercallPage = new byte[100] }));
        Assert.Equal(0, output.Length);
    }

    /// <summary>The bytes that Xen writes: each entry loads its number and enters Xen.</summary>
    [Fact]
    public void Page_of_hypercalls_is_that_of_Xen()
    {
        byte[] wide = HypercallPage.Create(WordSize.Bits64);
        Assert.Equal([0x51, 0x41, 0x53, 0xb8, 12, 0, 0, 0, 0x0f, 0x05, 0x41, 0x5b, 0x59, 0xc3, 0xcc, 0xcc], wide[(12 * 32)..((12 * 32) + 16)]);
        Assert.Equal([0x51, 0x41, 0x53, 0x50, 0xb8, 23, 0, 0, 0, 0x0f, 0x05, 0xcc], wide[(23 * 32)..((23 * 32) + 12)]);
        byte[] narrow = HypercallPage.Create(WordSize.Bits32);
        Assert.Equal([0xb8, 127, 0, 0, 0, 0xcd, 0x82, 0xc3, 0xcc], narrow[(127 * 32)..((127 * 32) + 9)]);
        Assert.Equal([0x50, 0xb8, 23, 0, 0, 0, 0xcd, 0x82, 0xcc], narrow[(23 * 32)..((23 * 32) + 9)]);
        Assert.Equal((4096, 4096), (wide.Length, narrow.Length));
    }

    [Theory]
    [InlineData("", 3)]
    [InlineData("guest", 1)]
    [InlineData("guest", 4)]
    public void Options_that_mean_nothing_are_refused(string name, int version)
    {
        using XenPvDomain domain = PvDomains.Build(PvDomains.Image("sample-64"), new XenPvBuilder { MemorySize = 16 << 20 });
        using var output = new MemoryStream();
        Assert.Throws<ArgumentException>(() => XlOutput.Write(domain, output, new XlOutputOptions { Name = name, StreamVersion = version }));
        Assert.Equal(0, output.Length);
    }

    /// <summary>The memory that writing takes does not grow with the guest.</summary>
    [Fact]
    public void Guest_is_written_piece_by_piece()
    {
        var builder = new XenPvBuilder { MemorySize = 192 << 20, Initrds = [new byte[100 << 20]] };
        using XenPvDomain domain = PvDomains.Build(PvDomains.Image("sample-64"), builder);
        using var count = new CountedWrites();
        XlOutput.Write(domain, count);
        long before = GC.GetAllocatedBytesForCurrentThread();
        XlOutput.Write(domain, count);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 12 << 20);
        Assert.InRange(count.Total, 2 * (100 << 20), 2 * (110 << 20));
        Assert.InRange(count.Longest, 1, 5 << 20);
    }

    private static XenPvBuilder Shuffled() => new()
    {
        MemorySize = Mebibytes << 20,
        CommandLine = "as a real  guest",
        Initrds = [_initrd],
        Frames = new ShuffledFrames(0x1000, Mebibytes << 8),
        SharedInfoFrame = new Mfn(0x8001),
        MapInitrd = true,
    };

    private static byte[] Bytes(XenPvDomain domain, XlOutputOptions? options = null)
    {
        using var output = new MemoryStream();
        XlOutput.Write(domain, output, options);
        return output.ToArray();
    }

    private static SavedDomain Write(XenPvDomain domain, XlOutputOptions? options = null) => SavedDomain.Read(Bytes(domain, options));

    private static void CheckRefused(XenPvDomain domain, string line)
    {
        using var output = new MemoryStream();
        Assert.Equal(line, Assert.Throws<BootRequestException>(() => XlOutput.Write(domain, output)).Message);
        Assert.Equal(0, output.Length);
    }

    private static void CheckRecords(XenPvDomain domain, SavedDomain saved, uint version)
    {
        Assert.Equal(version, saved.Version);
        XcRecordType[] rest =
        [
            XcRecordType.X86PvP2mFrames, XcRecordType.PageData, XcRecordType.X86TscInfo, XcRecordType.SharedInfo, XcRecordType.X86PvVcpuBasic,
            XcRecordType.End,
        ];
        Assert.Equal(version == 3 ? [XcRecordType.X86PvInfo, XcRecordType.StaticDataEnd, .. rest] : [XcRecordType.X86PvInfo, .. rest], saved.Records);
        Assert.Equal(1024, saved.MostPages);
        Assert.Equal(domain.Placement.Word == WordSize.Bits32 ? (4, 3) : (8, 4), saved.Info);
        Assert.Equal(domain.FrameCount - 1, saved.P2M.Last);
        Assert.Equal(Enumerable.Range(0, (int)domain.P2MFrameCount).Select(i => domain.P2MFrame.Value + (ulong)i), saved.P2M.Frames);
        Assert.All(saved.P2M.Frames, frame => Assert.Equal(XcPageType.NoTable, saved.Pages[frame].Kind));
        Assert.Equal(domain.SharedFrames.ToArray(), saved.SharedInfo);
    }

    /// <summary>Each frame is there once, and holds what the domain has, but for machine frames.</summary>
    private static void CheckPages(XenPvDomain domain, SavedDomain saved)
    {
        Assert.Equal(Enumerable.Range(0, (int)domain.FrameCount).Select(static i => (ulong)i), saved.Pages.Keys.Order());
        var tables = new Dictionary<ulong, int>();
        Walk(saved, saved.Info.Levels, domain.TopTable.Value, tables);
        byte[] page = new byte[X86Page.Size];
        foreach ((ulong frame, (XcPageType kind, byte[] contents)) in saved.Pages)
        {
            var address = new Paddr(frame * X86Page.Size);
            domain.Memory.Read(address, page);
            bool isClaimed = domain.Memory.Extents.Any(extent => extent.Start <= address && address < extent.End);
            int pinned = frame == domain.TopTable.Value ? 8 : 0;
            int expected = isClaimed ? tables.GetValueOrDefault(frame) + pinned : (int)XcPageType.Allocate;
            Assert.Equal(expected, (int)kind);
            if (tables.ContainsKey(frame))
                CheckTable(domain, page, contents);
            else if (frame == domain.StartInfoFrame.Value)
                CheckStartInfo(domain, page, contents);
            else if (isClaimed)
                Assert.True(page.AsSpan().SequenceEqual(contents), $"frame 0x{frame:x}");
        }
    }

    private static void CheckTable(XenPvDomain domain, byte[] expected, byte[] found)
    {
        byte[] machine = new byte[X86Page.Size];
        for (int i = 0; i < PageTable.EntryCount; i++)
        {
            ulong entry = PageTable.Read(found, i);
            ulong frame = PageTable.FrameOf(entry).Value;
            if (PageTable.IsPresent(entry))
                PageTable.Write(machine, i, domain.Frames[new Pfn(frame)].Value * X86Page.Size, entry & ~(frame * X86Page.Size));
            else
                Assert.Equal(0ul, entry);
        }

        Assert.Equal(expected, machine);
    }

    private static void CheckStartInfo(XenPvDomain domain, byte[] expected, byte[] found)
    {
        WordSize word = domain.Placement.Word;
        StartInfo info = StartInfo.Parse(found, word);
        Assert.True(info.TryGetConsoleDomu(out DomuConsole ring));
        Assert.Equal((domain.XenstoreFrame.Value, domain.ConsoleFrame.Value), (info.StoreMfn.Value, ring.Mfn.Value));
        StartInfo before = StartInfo.Parse(expected, word);
        byte[] copy = [.. found];
        StartInfo.Writer edited = StartInfo.Edit(copy, word);
        edited.SharedInfo = before.SharedInfo;
        edited.StoreMfn = before.StoreMfn;
        DomuConsole.Writer console = edited.ConsoleDomu;
        Assert.True(before.TryGetConsoleDomu(out DomuConsole first));
        console.Mfn = first.Mfn;
        Assert.Equal(expected, copy);
    }

    private static void CheckProcessor(XenPvDomain domain, SavedDomain saved)
    {
        WordSize word = domain.Placement.Word;
        VcpuGuestContext context = VcpuGuestContext.Parse(saved.Context, word);
        ulong cr3 = context.Ctrlreg[3];
        Assert.Equal(domain.TopTable.Value, word == WordSize.Bits32 ? (cr3 >> 12) | (cr3 & 0xfff) << 20 : cr3 >> 12);
        CpuUserRegs registers = context.UserRegs;
        Assert.Equal(domain.StartInfoFrame.Value, registers.Rdx ?? registers.Edx);

        byte[] copy = [.. saved.Context];
        VcpuGuestContext.Writer edited = VcpuGuestContext.Edit(copy, word);
        edited.SetCtrlreg(3, VcpuGuestContext.PackTopTable(word, domain.Frames[domain.TopTable]));
        CpuUserRegs.Writer zeroed = edited.UserRegs;
        if (word == WordSize.Bits32)
            zeroed.Edx = 0;
        else
            zeroed.Rdx = 0;
        Assert.Equal(domain.VcpuContext.ToArray(), copy);
    }

    private static void Walk(SavedDomain saved, int level, ulong table, Dictionary<ulong, int> tables)
    {
        if (!tables.TryAdd(table, level))
            return;
        for (int i = 0; level > 1 && i < PageTable.EntryCount; i++)
        {
            ulong entry = PageTable.Read(saved.Pages[table].Contents, i);
            if (PageTable.IsPresent(entry))
                Walk(saved, level - 1, PageTable.FrameOf(entry).Value, tables);
        }
    }

    private static byte[] Follow(SavedDomain saved, int level, ulong table, ulong address)
    {
        ulong entry = PageTable.Read(saved.Pages[table].Contents, PageTable.IndexOf(address, level));
        Assert.True(PageTable.IsPresent(entry));
        ulong frame = PageTable.FrameOf(entry).Value;
        return level == 1 ? saved.Pages[frame].Contents : Follow(saved, level - 1, frame, address);
    }

    private sealed class CountedWrites : Stream
    {
        public long Total { get; private set; }

        public int Longest { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Total += buffer.Length;
            Longest = Math.Max(Longest, buffer.Length);
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
