using BootProtocol.X86;
using BootProtocol.Xen;

namespace BootProtocol.Domains;

/// <summary>Makes the state in which a PV guest's first virtual CPU starts.</summary>
/// <remarks>Source: tools/libs/guest/xg_dom_x86.c of Xen, vcpu_x86_32 and vcpu_x86_64.</remarks>
internal static class XenPvContext
{
    private const ulong DebugStatus = 0xffff0ff0;
    private const ulong DebugControl = 0x400;

    /// <summary>Makes a context.</summary>
    /// <param name="word">The word size of the guest.</param>
    /// <param name="entry">The first instruction.</param>
    /// <param name="stack">The stack pointer.</param>
    /// <param name="pointer">What esi or rsi points at.</param>
    /// <param name="topTable">The machine frame of the top page table.</param>
    /// <param name="assists">The assists that are on.</param>
    /// <returns>A vcpu_guest_context.</returns>
    public static byte[] Make(WordSize word, Vaddr entry, Vaddr stack, Vaddr pointer, Mfn topTable, VmAssistFlags assists)
    {
        byte[] bytes = new byte[word == WordSize.Bits32 ? VcpuGuestContext.Layout.Size32 : VcpuGuestContext.Layout.Size64];
        VcpuGuestContext.Writer context = VcpuGuestContext.Create(bytes, word);
        CpuUserRegs.Writer registers = context.UserRegs;
        if (word == WordSize.Bits32)
            WriteRegisters32(registers, entry, stack, pointer);
        else
            WriteRegisters64(registers, entry, stack, pointer);

        context.Flags = (ulong)(VcpuContextFlags.InKernel | VcpuContextFlags.Online);
        context.KernelSs = registers.AsView().Ss;
        context.KernelSp = stack;
        context.SetCtrlreg(3, VcpuGuestContext.PackTopTable(word, topTable));
        context.SetDebugreg(6, DebugStatus);
        context.SetDebugreg(7, DebugControl);
        context.VmAssist = (ulong)assists;
        return bytes;
    }

    private static void WriteRegisters32(CpuUserRegs.Writer registers, Vaddr entry, Vaddr stack, Vaddr pointer)
    {
        registers.Eip = (uint)entry.Value;
        registers.Esp = (uint)stack.Value;
        registers.Esi = (uint)pointer.Value;
        registers.Eflags = (uint)Rflags.If;
        registers.Cs = (ushort)FlatSelector32.Ring1Code;
        registers.Ss = (ushort)FlatSelector32.Ring1Data;
        registers.Ds = (ushort)FlatSelector32.Ring1Data;
        registers.Es = (ushort)FlatSelector32.Ring1Data;
        registers.Fs = (ushort)FlatSelector32.Ring1Data;
        registers.Gs = (ushort)FlatSelector32.Ring1Data;
    }

    private static void WriteRegisters64(CpuUserRegs.Writer registers, Vaddr entry, Vaddr stack, Vaddr pointer)
    {
        registers.Rip = entry.Value;
        registers.Rsp = stack.Value;
        registers.Rsi = pointer.Value;
        registers.Rflags = (ulong)Rflags.If;
        registers.Cs = (ushort)FlatSelector64.Ring3Code64;
        registers.Ss = (ushort)FlatSelector64.Ring3Stack64;
    }
}
