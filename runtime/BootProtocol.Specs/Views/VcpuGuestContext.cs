namespace BootProtocol.Xen;

/// <content>What a guest's start reads out of several of its fields.</content>
public readonly ref partial struct VcpuGuestContext
{
    private const int FrameBits32 = 32 - X86Page.Shift;

    /// <summary>The machine frame of the top page table, as ctrlreg[3] has it: see <see cref="PackTopTable"/>.</summary>
    public Mfn TopTable
    {
        get
        {
            ulong register = Ctrlreg[3];
            return new Mfn(_narrow ? (uint)((register >> X86Page.Shift) | (register << FrameBits32)) : register >> X86Page.Shift);
        }
    }

    /// <summary>What rsi or esi points at: start_info, or boot_params that lead to it.</summary>
    public Vaddr StartPointer => new(UserRegs.Rsi ?? UserRegs.Esi ?? 0);

    /// <summary>The form in which ctrlreg[3] has a top page table: for 32 bits, upper bits come around to the lower end.</summary>
    /// <param name="word">The word size of the context.</param>
    /// <param name="table">The table's machine frame; for 32 bits, its lower 32 bits count.</param>
    public static ulong PackTopTable(WordSize word, Mfn table) => word == WordSize.Bits32
        ? (uint)(table.Value << X86Page.Shift) | (uint)(table.Value >> FrameBits32)
        : table.Value << X86Page.Shift;
}
