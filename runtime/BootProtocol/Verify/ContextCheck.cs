using BootProtocol.Xen;

namespace BootProtocol.Verify;

/// <summary>What a hypervisor and a guest rely on in the context of the first virtual CPU.</summary>
internal static class ContextCheck
{
    private const ulong InterruptFlag = 1 << 9;
    private const ulong AlwaysOne = 1 << 1;
    private const ulong DebugStatus = 0xffff0ff0;
    private const ulong DebugControl = 0x400;

    /// <summary>Checks everything but what the addresses lead to.</summary>
    public static void Run(XenPvImage image, List<Violation> violations)
    {
        VcpuGuestContext context = VcpuGuestContext.Parse(image.Context.Span, image.Word);
        CpuUserRegs registers = context.UserRegs;
        bool isWide = image.Word == WordSize.Bits64;

        void Report(XenPvRule rule, string found) => violations.Add(new Violation(rule, found));

        if (context.Flags != (ulong)(VcpuContextFlags.InKernel | VcpuContextFlags.Online))
            Report(XenPvRule.ContextFlags, $"0x{context.Flags:x}");
        ushort code = isWide ? (ushort)FlatSelector64.Ring3Code64 : (ushort)FlatSelector32.Ring1Code;
        ushort stack = isWide ? (ushort)FlatSelector64.Ring3Stack64 : (ushort)FlatSelector32.Ring1Data;
        ushort data = isWide ? (ushort)FlatSelector64.Ring3Data64 : (ushort)FlatSelector32.Ring1Data;
        if ((registers.Cs, registers.Ss, registers.Ds, registers.Es, registers.Fs, registers.Gs) != (code, stack, data, data, data, data))
            Report(XenPvRule.Selectors, $"cs 0x{registers.Cs:x}, ss 0x{registers.Ss:x}, ds 0x{registers.Ds:x}");
        ulong flags = registers.Rflags ?? registers.Eflags!.Value;
        if ((flags & ~AlwaysOne) != InterruptFlag)
            Report(XenPvRule.FlagsRegister, $"0x{flags:x}");
        ulong pointer = registers.Rsp ?? registers.Esp!.Value;
        if (context.KernelSs != registers.Ss || context.KernelSp.Value != pointer)
            Report(XenPvRule.KernelStack, $"0x{context.KernelSs:x}, {context.KernelSp}, beside 0x{registers.Ss:x}, 0x{pointer:x}");
        ulong allowed = isWide ? 0 : (ulong)VmAssistFlags.PaeExtendedCr3;
        if ((context.VmAssist & ~allowed) != 0)
            Report(XenPvRule.Assists, $"0x{context.VmAssist:x}");
        if (RestOf(image) is { } offset)
            Report(XenPvRule.ContextRest, $"0x{image.Context.Span[offset]:x} at byte 0x{offset:x} of the context");
    }

    /// <summary>The instruction pointer.</summary>
    public static Vaddr EntryOf(XenPvImage image)
    {
        CpuUserRegs registers = VcpuGuestContext.Parse(image.Context.Span, image.Word).UserRegs;
        return new Vaddr(registers.Rip ?? registers.Eip!.Value);
    }

    /// <summary>The stack pointer.</summary>
    public static Vaddr StackOf(XenPvImage image)
    {
        CpuUserRegs registers = VcpuGuestContext.Parse(image.Context.Span, image.Word).UserRegs;
        return new Vaddr(registers.Rsp ?? registers.Esp!.Value);
    }

    /// <summary>What rsi or esi points at.</summary>
    public static Vaddr PointerOf(XenPvImage image) => VcpuGuestContext.Parse(image.Context.Span, image.Word).StartPointer;

    /// <summary>The machine frame of the top page table.</summary>
    public static Mfn TopTableOf(XenPvImage image) => VcpuGuestContext.Parse(image.Context.Span, image.Word).TopTable;

    /// <summary>Whether a PAE top table may lie above 4 GiB.</summary>
    public static bool HasExtendedCr3(XenPvImage image) =>
        (VcpuGuestContext.Parse(image.Context.Span, image.Word).VmAssist & (ulong)VmAssistFlags.PaeExtendedCr3) != 0;

    /// <summary>Where the first byte is that should be zero; null if all are.</summary>
    private static int? RestOf(XenPvImage image)
    {
        byte[] rest = image.Context.ToArray();
        VcpuGuestContext.Writer writer = VcpuGuestContext.Edit(rest, image.Word);
        VcpuGuestContext context = writer.AsView();
        writer.Flags = 0;
        writer.KernelSs = 0;
        writer.KernelSp = default;
        writer.VmAssist = 0;
        writer.SetCtrlreg(3, 0);
        writer.SetDebugreg(6, context.Debugreg[6] == DebugStatus ? 0 : context.Debugreg[6]);
        writer.SetDebugreg(7, context.Debugreg[7] == DebugControl ? 0 : context.Debugreg[7]);
        CpuUserRegs.Writer registers = writer.UserRegs;
        registers.Cs = 0;
        registers.Ss = 0;
        registers.Ds = 0;
        registers.Es = 0;
        registers.Fs = 0;
        registers.Gs = 0;
        if (image.Word == WordSize.Bits64)
        {
            registers.Rip = 0;
            registers.Rsp = 0;
            registers.Rsi = 0;
            registers.Rflags = 0;
        }
        else
        {
            registers.Eip = 0;
            registers.Esp = 0;
            registers.Esi = 0;
            registers.Eflags = 0;
        }

        int at = rest.AsSpan().IndexOfAnyExcept((byte)0);
        return at < 0 ? null : at;
    }
}
