using System.Buffers.Binary;
using BootProtocol.Memory;
using BootProtocol.Testing;
using BootProtocol.Verify;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.Verify;

/// <summary>Domains of Xen's own builder: right as they are, and broken in every way in which a rule can be.</summary>
[Needs(Need.Kernels)]
public sealed class XenPvVerifierTests
{
    private static readonly Dictionary<string, Action<OracleDomain>> _breaks = new()
    {
        ["context-flags"] = domain => Edit(domain, static (ref VcpuGuestContext.Writer context) => context.Flags = 4),
        ["selectors"] = domain => EditRegisters(domain, static (ref CpuUserRegs.Writer registers) => registers.Cs = 0xe021),
        ["flags-register"] = domain => EditRegisters(
            domain, registers32: static (ref CpuUserRegs.Writer registers) => registers.Eflags = 0x3200,
            registers64: static (ref CpuUserRegs.Writer registers) => registers.Rflags = 0x3200),
        ["kernel-stack"] = domain => Edit(domain, static (ref VcpuGuestContext.Writer context) => context.KernelSp = default),
        ["vm-assist"] = domain => Edit(domain, static (ref VcpuGuestContext.Writer context) => context.VmAssist = 4),
        ["context-rest"] = domain => Edit(domain, static (ref VcpuGuestContext.Writer context) => context.LdtEnts = 1),
        ["top-table"] = domain => Edit(domain, static (ref VcpuGuestContext.Writer context) => context.SetCtrlreg(3, 0x5000)),
        ["table-owned"] = domain => ChangeEntry(domain, 1, entry => (entry & 0xfff) | 0x5000),
        ["table-level"] = domain => ChangeEntry(domain, 1, entry => Point(entry, TopTable(domain))),
        ["table-entry"] = domain => ChangeEntry(domain, 1, static entry => entry | 0x10),
        ["page-entry"] = domain => ChangeLeaf(domain, TopTable(domain) - 1, static entry => entry | 0x8),
        ["large-page"] = domain => ChangeEntry(domain, 2, entry => entry | 0x80),
        ["mapping-owned"] = domain => ChangeEntry(domain, 3, entry => (entry & 0xfff) | 0x5000),
        ["table-read-only"] = domain => ChangeLeaf(domain, TopTable(domain), entry => entry | 2),
        ["writable"] = domain => ChangeLeaf(domain, TopTable(domain) - 1, entry => entry & ~2ul),
        ["linear"] = domain => ChangeLeaf(
            domain, domain.Run.Number("kernel_seg", "pfn") + 5, entry => entry + 0x1000),
        ["entry"] = domain => EditRegisters(
            domain, registers32: static (ref CpuUserRegs.Writer registers) => registers.Eip = 0xc0000000,
            registers64: static (ref CpuUserRegs.Writer registers) => registers.Rip = 0x7000_0000_0000),
        ["executable"] = ForbidExecution,
        ["start-info-pointer"] = domain => EditRegisters(
            domain, registers32: static (ref CpuUserRegs.Writer registers) => registers.Esi = 0xc0000000,
            registers64: static (ref CpuUserRegs.Writer registers) => registers.Rsi = 0x7000_0000_0000),
        ["magic"] = domain => EditInfo(domain, static (ref StartInfo.Writer info) => info.SetMagic("xen-3.0-x86_32")),
        ["nr-pages"] = domain => EditInfo(domain, static (ref StartInfo.Writer info) => info.NrPages = 5),
        ["shared-info-address"] = domain => EditInfo(domain, static (ref StartInfo.Writer info) => info.SharedInfo = new Maddr(0x1234)),
        ["start-flags"] = domain => EditInfo(domain, static (ref StartInfo.Writer info) => info.Flags = (StartInfoFlags)0x30),
        ["pt-base"] = domain => EditInfo(domain, static (ref StartInfo.Writer info) => info.PtBase = default),
        ["pt-frames"] = domain => EditInfo(domain, static (ref StartInfo.Writer info) => info.NrPtFrames = info.AsView().NrPtFrames + 1),
        ["p2m-mapped"] = domain => EditInfo(domain, static (ref StartInfo.Writer info) => info.MfnList = new Vaddr(0x1000_0000)),
        ["p2m-true"] = BreakList,
        ["p2m-frames"] = domain => EditInfo(domain, static (ref StartInfo.Writer info) => info.NrP2MFrames = info.AsView().NrP2MFrames + 1),
        ["rings"] = domain => EditInfo(domain, static (ref StartInfo.Writer info) => info.StoreMfn = new Mfn(5)),
        ["ports"] = domain => EditInfo(domain, static (ref StartInfo.Writer info) => info.StoreEvtchn = 2),
        ["module"] = domain => EditInfo(domain, static (ref StartInfo.Writer info) => info.ModLen = 1 << 30),
        ["command-line"] = domain => Page(domain, "start_info").Slice(domain.Word == WordSize.Bits64 ? 0x80 : 0x50, 1024).Fill((byte)'x'),
        ["order"] = domain => EditInfo(domain, static (ref StartInfo.Writer info) => info.StoreMfn = new Mfn(info.AsView().StoreMfn.Value - 3)),
        ["events-masked"] = domain => domain.SharedInfo[1] = 0,
        ["padding"] = MoveStack,
        ["end"] = CutMapping,
    };

    private delegate void ContextEdit(ref VcpuGuestContext.Writer context);

    private delegate void RegisterEdit(ref CpuUserRegs.Writer registers);

    private delegate void InfoEdit(ref StartInfo.Writer info);

    public static TheoryData<string, string> Broken
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string rule in _breaks.Keys)
            {
                foreach (string kernel in new[] { "grub-i386-xen.bin", "grub-x86_64-xen.bin", "6.12-amd64" })
                    data.Add(kernel, rule);
            }

            return data;
        }
    }

    [Theory]
    [InlineData("6.1-cloud-amd64", 256, 0)]
    [InlineData("6.1-cloud-amd64", 1023, 5_000_000)]
    [InlineData("6.12-amd64", 256, 3_000_000)]
    [InlineData("6.12-amd64", 4096, 1)]
    [InlineData("grub-i386-xen.bin", 64, 0)]
    [InlineData("grub-i386-xen.bin", 1025, 4095)]
    [InlineData("grub-x86_64-xen.bin", 16, 0)]
    [InlineData("grub-x86_64-xen.bin", 256, 3_000_000)]
    [InlineData("sample-32", 17, 1)]
    [InlineData("sample-64", 32, 4096)]
    public void Domains_of_xens_own_builder_break_no_rule(string kernel, int mebibytes, int initrd)
    {
        using OracleDomain domain = OracleDomain.Build(kernel, mebibytes, initrd);
        Assert.Empty(XenPvVerifier.Verify(domain.Image));
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void The_first_rule_that_is_told_is_the_one_that_was_broken(string kernel, string rule)
    {
        using OracleDomain domain = OracleDomain.Build(kernel, 128, 4096);
        _breaks[rule](domain);
        Violation first = XenPvVerifier.Verify(domain.Image).FirstOrDefault() ?? throw new InvalidOperationException("No rule is told.");
        Assert.Equal(rule, first.Rule.Name);
        Assert.NotEmpty(first.Found);
    }

    [Fact]
    public void Two_rules_need_a_kernel_of_32_bits()
    {
        using (OracleDomain domain = OracleDomain.Build("grub-i386-xen.bin", 64, 4096))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(domain.Page(TopTable(domain))[24..], 0);
            Assert.Equal("last-table", XenPvVerifier.Verify(domain.Image)[0].Rule.Name);
        }

        using (OracleDomain domain = OracleDomain.Build("grub-i386-xen.bin", 64, 4096))
        {
            Edit(domain, static (ref VcpuGuestContext.Writer context) => context.VmAssist = 0);
            Assert.Equal("top-table-low", XenPvVerifier.Verify(domain.Image)[0].Rule.Name);
        }
    }

    [Fact]
    public void The_hypervisors_addresses_stay_free()
    {
        using (OracleDomain domain = OracleDomain.Build("grub-x86_64-xen.bin", 64, 4096))
        {
            // The entry for the lower half's first 512 GiB, once more where the hypervisor is.
            Span<byte> top = domain.Page(TopTable(domain));
            top[..8].CopyTo(top[(256 * 8)..]);
            Assert.Equal("hypervisor-hole", XenPvVerifier.Verify(domain.Image)[0].Rule.Name);
        }

        using (OracleDomain domain = OracleDomain.Build("grub-i386-xen.bin", 64, 4096))
        {
            Span<byte> last = domain.Page(TopTable(domain) + 4);
            domain.Page(TopTable(domain) + 1)[..8].CopyTo(last[(0x1ae * 8)..]);
            Assert.Equal("hypervisor-hole", XenPvVerifier.Verify(domain.Image)[0].Rule.Name);
        }
    }

    /// <summary>Three tables whose entries all name the next one stand for more than 2^36 mappings.</summary>
    [Fact]
    public void Tables_that_are_used_over_and_over_end_the_walk()
    {
        using OracleDomain domain = OracleDomain.Build("grub-x86_64-xen.bin", 64, 4096);
        ulong table = TopTable(domain);
        for (int level = 4; level > 1; level--)
        {
            Span<byte> bytes = domain.Page(table);
            ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(FirstUsed(bytes) * 8)..]);
            for (int i = 0; i < (level == 4 ? 256 : 512); i++)
                BinaryPrimitives.WriteUInt64LittleEndian(bytes[(i * 8)..], entry);
            table = (entry >> 12) - 0x100000;
        }

        Violation violation = Assert.Single(XenPvVerifier.Verify(domain.Image));
        Assert.Equal(("table-uses", "more than 4224 uses of 4 tables"), (violation.Rule.Name, violation.Found));
    }

    /// <summary>Lengths of a module that leave no room for rounding up to pages.</summary>
    [Theory]
    [InlineData(0xfffffffffffff000)]
    [InlineData(0xfffffffffffff001)]
    [InlineData(ulong.MaxValue)]
    public void A_module_of_nearly_all_addresses_is_none(ulong length)
    {
        foreach (string kernel in new[] { "grub-x86_64-xen.bin", "6.12-amd64" })
        {
            using OracleDomain domain = OracleDomain.Build(kernel, 128, 4096);
            EditInfo(domain, (ref StartInfo.Writer info) => info.ModLen = length);
            Assert.Equal("module", XenPvVerifier.Verify(domain.Image)[0].Rule.Name);
        }
    }

    [Fact]
    public void Absurd_numbers_of_frames_are_refused()
    {
        using OracleDomain domain = OracleDomain.Build("grub-x86_64-xen.bin", 128, 4096);
        foreach (ulong count in new[] { (1ul << 30) + 1, 1ul << 31, ulong.MaxValue })
        {
            BootFormatException fault = Assert.Throws<BootFormatException>(() => XenPvVerifier.Verify(domain.With(count)));
            Assert.Equal($"domain.frames: expected at most 1073741824 of them, found {count}", fault.Message);
        }

        Assert.Equal("nr-pages", XenPvVerifier.Verify(domain.With(1ul << 30))[0].Rule.Name);
    }

    [Fact]
    public void Every_rule_is_broken_by_some_test()
    {
        string[] elsewhere = ["context-size", "last-table", "table-uses", "top-table-low", "hypervisor-hole", "combined", "combined-equal"];
        Assert.Equal(XenPvRule.All.Select(rule => rule.Name).Order(), _breaks.Keys.Concat(elsewhere).Order());
    }

    [Fact]
    public void A_context_of_the_other_word_size_is_told()
    {
        using OracleDomain domain = OracleDomain.Build("grub-x86_64-xen.bin", 128, 4096);
        XenPvImage image = domain.With(domain.Image.FrameCount, WordSize.Bits32);
        Assert.Equal("context-size", Assert.Single(XenPvVerifier.Verify(image)).Rule.Name);
    }

    private static ulong TopTable(OracleDomain domain) => domain.Run.Number("pgtables_seg", "pfn");

    private static ulong Frame(OracleDomain domain, string name) => name == "start_info"
        ? domain.Run.Number("start_info ", "start_info")
        : domain.Run.Number("p2m_seg", "pfn");

    private static Span<byte> Page(OracleDomain domain, string name) => domain.Page(Frame(domain, name));

    private static void Edit(OracleDomain domain, ContextEdit edit)
    {
        VcpuGuestContext.Writer context = VcpuGuestContext.Edit(domain.Context, domain.Word);
        edit(ref context);
    }

    private static void EditRegisters(OracleDomain domain, RegisterEdit registers32, RegisterEdit? registers64 = null) => Edit(
        domain,
        (ref VcpuGuestContext.Writer context) =>
        {
            CpuUserRegs.Writer registers = context.UserRegs;
            (domain.Word == WordSize.Bits64 && registers64 is not null ? registers64 : registers32)(ref registers);
        });

    private static void EditInfo(OracleDomain domain, InfoEdit edit)
    {
        int size = domain.Word == WordSize.Bits64 ? StartInfo.Layout.Size64 : StartInfo.Layout.Size32;
        StartInfo.Writer info = StartInfo.Edit(Page(domain, "start_info")[..size], domain.Word);
        edit(ref info);
    }

    /// <summary>Changes the first entry on the way from the top table down that leads to the kernel.</summary>
    private static void ChangeEntry(OracleDomain domain, int depth, Func<ulong, ulong> change)
    {
        int levels = domain.Word == WordSize.Bits64 ? 4 : 3;
        ulong table = TopTable(domain);
        for (int level = 1; ; level++)
        {
            Span<byte> bytes = domain.Page(table);
            int index = FirstUsed(bytes);
            ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(index * 8)..]);
            if (level == depth + levels - 3 || level == levels)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(bytes[(index * 8)..], change(entry));
                return;
            }

            table = (entry >> 12) - 0x100000;
        }
    }

    /// <summary>Changes the entry that maps a frame in the layout.</summary>
    private static void ChangeLeaf(OracleDomain domain, ulong frame, Func<ulong, ulong> change)
    {
        ulong first = TopTable(domain);
        for (ulong table = first; table < first + domain.Run.Number("pgtables_seg", "pages"); table++)
        {
            Span<byte> bytes = domain.Page(table);
            for (int i = 0; i < bytes.Length; i += 8)
            {
                ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(bytes[i..]);
                bool isLeaf = (entry & 4) == 0 && (entry & 1) != 0;
                if (isLeaf && (entry >> 12) - 0x100000 == frame)
                {
                    BinaryPrimitives.WriteUInt64LittleEndian(bytes[i..], change(entry));
                    return;
                }
            }
        }

        throw new InvalidOperationException($"No entry maps frame 0x{frame:x}.");
    }

    private static int FirstUsed(Span<byte> table)
    {
        int index = 0;
        while ((table[index * 8] & 1) == 0)
            index++;
        return index;
    }

    private static ulong Point(ulong entry, ulong frame) => (entry & 0xfff) | ((frame + 0x100000) << 12);

    private static void ForbidExecution(OracleDomain domain)
    {
        (ulong frame, int place) = domain.FindEntry(2, domain.InstructionPointer);
        domain.Page(frame)[place + 7] |= 0x80;
    }

    private static void BreakList(OracleDomain domain)
    {
        Span<byte> page = Page(domain, "p2m_seg");
        page[domain.Word == WordSize.Bits64 ? 80 : 40]++;
    }

    /// <summary>Lets the mapping end with the stack's page and what follows it up to less than 512 KiB.</summary>
    private static void MoveStack(OracleDomain domain) => Cut(domain, 64);

    private static void CutMapping(OracleDomain domain) => Cut(domain, 129);

    private static void Cut(OracleDomain domain, ulong pagesBehindStack)
    {
        ulong stack = TopTable(domain) + domain.Run.Number("pgtables_seg", "pages");
        for (ulong frame = stack + 1 + pagesBehindStack; ; frame++)
        {
            try
            {
                ChangeLeaf(domain, frame, static _ => 0);
            }
            catch (InvalidOperationException)
            {
                return;
            }
        }
    }
}
