using System.Buffers.Binary;
using BootProtocol.Domains;
using BootProtocol.X86;
using BootProtocol.Xen;
using BootProtocol.Xen.Domains;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.XenDomains;

/// <summary>
/// The least that Xen takes for a 64-bit PV guest: four page tables and a page of code. It greets on its console, waits for one byte,
/// and shuts down with that byte as the reason.
/// </summary>
internal static class TinyGuest
{
    public const string Greeting = "a tiny guest runs\n";

    /// <summary>A PVH guest with a page of memory, which is not started.</summary>
    public static CpuState FillPvh(PvhDomainPlace place)
    {
        var page = new Paddr(1 << 20);
        place.Memory.Claim(page, X86Page.Size);
        return new CpuState { IsLongMode = false, InstructionPointer = page, Rbx = page.Value, Cr0 = (ulong)(Cr0.Pe | Cr0.Et) };
    }

    private const ulong Base = 0xffffffff80000000;
    private const int PageSize = 4096;
    private const int Entries = 512;

    private const ulong Code = 0;
    private const ulong Store = 1;
    private const ulong Console = 2;
    private const ulong Stack = 3;
    private const ulong Hypercalls = 4;
    private const ulong Data = 5;
    private const ulong MappedPages = 6;
    private const ulong Tables = 8;

    private const int HypercallSize = 32;
    private const int TextOffset = 64;
    private const int PortOffset = 0;
    private const int ReasonOffset = 4;

    /// <summary>Fills a domain of at least 16 pages.</summary>
    public static PvDomainStart Fill(PvDomainPlace place) => Fill(place, MappedPages);

    /// <summary>The same, but it could write to its own page tables.</summary>
    public static PvDomainStart FillUnsafely(PvDomainPlace place) => Fill(place, Tables + 1);

    private static PvDomainStart Fill(PvDomainPlace place, ulong mappedPages)
    {
        Mfn At(ulong pfn) => place.Frames[new Pfn(pfn)];
        Memory<byte> memory = place.Memory.Claim(default, (int)(Tables + 4) * PageSize);
        Span<byte> bytes = memory.Span;
        AssembleCode().CopyTo(bytes[(int)(Code * PageSize)..]);
        Span<byte> data = bytes.Slice((int)(Data * PageSize), PageSize);
        BinaryPrimitives.WriteUInt32LittleEndian(data[PortOffset..], place.ConsolePort);
        System.Text.Encoding.ASCII.GetBytes(Greeting, data[TextOffset..]);

        // Levels 1 to 4 stand in this order; each refers to the one before it.
        for (ulong pfn = 0; pfn < mappedPages; pfn++)
            Put(bytes, Tables, (int)pfn, At(pfn), Pte.Present | Pte.Writable | Pte.User | Pte.Accessed | Pte.Dirty);
        Put(bytes, Tables + 1, Index(2), At(Tables), Pte.Present | Pte.Writable | Pte.User | Pte.Accessed | Pte.Dirty);
        Put(bytes, Tables + 2, Index(3), At(Tables + 1), Pte.Present | Pte.Writable | Pte.User | Pte.Accessed | Pte.Dirty);
        Put(bytes, Tables + 3, Index(4), At(Tables + 2), Pte.Present | Pte.Writable | Pte.User | Pte.Accessed | Pte.Dirty);

        return new PvDomainStart
        {
            Tables = At(Tables + 3),
            Context = Context(At(Tables + 3)),
            SharedInfo = SharedInfoPage(),
            StorePage = At(Store),
            ConsolePage = At(Console),
            HypercallPage = At(Hypercalls),
        };
    }

    private static ulong Address(ulong pfn) => Base + (pfn * PageSize);

    private static int Index(int level) => (int)(Base >> (12 + (9 * (level - 1)))) & (Entries - 1);

    private static void Put(Span<byte> bytes, ulong table, int index, Mfn frame, Pte flags) =>
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[((int)(table * PageSize) + (index * sizeof(ulong)))..], (frame.Value << 12) | (ulong)flags);

    private static byte[] Context(Mfn tables)
    {
        byte[] bytes = new byte[VcpuGuestContext.Layout.Size64];
        VcpuGuestContext.Writer context = VcpuGuestContext.Create(bytes, WordSize.Bits64);
        context.Flags = (ulong)(VcpuContextFlags.InKernel | VcpuContextFlags.Online);
        context.KernelSs = (ulong)FlatSelector64.Ring3Stack64;
        context.KernelSp = new Vaddr(Address(Stack + 1));
        context.SetCtrlreg(3, tables.Value << 12);
        CpuUserRegs.Writer registers = context.UserRegs;
        registers.Rip = Address(Code);
        registers.Rsp = Address(Stack + 1);
        registers.Cs = (ushort)FlatSelector64.Ring3Code64;
        registers.Ss = (ushort)FlatSelector64.Ring3Stack64;
        return bytes;
    }

    private static byte[] SharedInfoPage()
    {
        byte[] bytes = new byte[SharedInfo.Layout.Size64];
        SharedInfo.Writer page = SharedInfo.Create(bytes, WordSize.Bits64);
        VcpuInfo.Writer first = page.GetVcpuInfo(0);
        first.EvtchnUpcallMask = 1;
        return bytes;
    }

    private static byte[] AssembleCode()
    {
        var c = new Assembler(64);
        Label wait = c.CreateLabel();
        c.mov(rbx, Address(Console));
        c.mov(rbp, Address(Data));
        c.lea(rsi, __[rbp + TextOffset]);
        c.lea(rdi, __[rbx + ConsoleRingPage.Layout.Offset.Output]);
        c.mov(ecx, Greeting.Length);
        c.rep.movsb();
        c.mov(__dword_ptr[rbx + ConsoleRingPage.Layout.Offset.OutputProducer], Greeting.Length);
        c.lea(rsi, __[rbp + PortOffset]);
        Call(c, Hypercall.EventChannelOp, (int)EventChannelCmd.Send);

        c.Label(ref wait);
        Call(c, Hypercall.SchedOp, (int)SchedulingOperation.Yield);
        c.mov(eax, __dword_ptr[rbx + ConsoleRingPage.Layout.Offset.InputProducer]);
        c.cmp(eax, __dword_ptr[rbx + ConsoleRingPage.Layout.Offset.InputConsumer]);
        c.je(wait);

        c.movzx(eax, __byte_ptr[rbx + ConsoleRingPage.Layout.Offset.Input]);
        c.mov(__dword_ptr[rbp + ReasonOffset], eax);
        c.lea(rsi, __[rbp + ReasonOffset]);
        Call(c, Hypercall.SchedOp, (int)SchedulingOperation.Shutdown);

        using var stream = new MemoryStream();
        c.Assemble(new StreamCodeWriter(stream), Address(Code));
        return stream.ToArray();
    }

    /// <summary>A hypercall through the page that Xen has filled; its second argument is in rsi.</summary>
    private static void Call(Assembler c, Hypercall number, int command)
    {
        c.mov(edi, command);
        c.call(Address(Hypercalls) + ((ulong)number * HypercallSize));
    }
}
