using BootProtocol.Domains;
using BootProtocol.X86;

namespace BootProtocol.Kvm.Processors;

/// <summary>Puts the state in which a domain starts into a processor's registers.</summary>
internal static class StartState
{
    private const uint WholeSpace = uint.MaxValue;
    private const ushort TaskStateLimit = 0x67;
    private const ulong Reserved = 2; // a bit of the flags register that is always set

    /// <summary>Writes segments and control registers.</summary>
    /// <param name="sregs">Those of a processor after its reset; what a domain does not say stays.</param>
    /// <param name="cpu">The state.</param>
    public static void Write(KvmSregs.Writer sregs, CpuState cpu)
    {
        Flat(sregs.Cs, cpu.CodeSelector, SegmentType.CodeExecuteReadAccessed, cpu.IsLongMode);
        Flat(sregs.Ds, cpu.DataSelector, SegmentType.DataReadWriteAccessed, isLong: false);
        Flat(sregs.Es, cpu.DataSelector, SegmentType.DataReadWriteAccessed, isLong: false);
        Flat(sregs.Fs, cpu.DataSelector, SegmentType.DataReadWriteAccessed, isLong: false);
        Flat(sregs.Gs, cpu.DataSelector, SegmentType.DataReadWriteAccessed, isLong: false);
        Flat(sregs.Ss, cpu.DataSelector, SegmentType.DataReadWriteAccessed, isLong: false);

        // Intel's processors enter no guest without a task state that is in use.
        KvmSegment.Writer task = sregs.Tr;
        (task.Base, task.Limit, task.Selector) = (0, TaskStateLimit, 0);
        (task.Kind, task.CodeOrData, task.Present, task.Ring, task.Granularity, task.Unusable) =
            ((byte)SystemSegmentType.TssBusy, 0, 1, 0, 0, 0);

        // The table goes up to the last descriptor that a segment is of.
        KvmDescriptorTable.Writer global = sregs.Gdt, handlers = sregs.Idt;
        (global.Base, global.Limit) = (cpu.DescriptorTable.Value, 0);
        if (cpu.DescriptorTable.Value != 0)
            global.Limit = (ushort)(Math.Max(cpu.CodeSelector, cpu.DataSelector) | 7);
        (handlers.Base, handlers.Limit) = (0, 0);
        (sregs.Cr0, sregs.Cr3, sregs.Cr4, sregs.Efer) = ((Cr0)cpu.Cr0, cpu.Cr3, (Cr4)cpu.Cr4, (Efer)cpu.Efer);
    }

    /// <summary>Writes the general registers.</summary>
    public static void Write(KvmRegs.Writer regs, CpuState cpu) =>
        (regs.Rip, regs.Rsi, regs.Rbx, regs.Rflags) = (cpu.InstructionPointer.Value, cpu.Rsi, cpu.Rbx, Reserved);

    /// <summary>The state of a domain's first processor.</summary>
    /// <exception cref="BootRequestException">It is a domain of Xen, which no machine starts.</exception>
    public static CpuState Of(Domain domain) => domain switch
    {
        LinuxDomain linux => linux.Cpu,
        PvhDomain pvh => pvh.Cpu,
        _ => throw new BootRequestException(
            BootErrorCode.NotPossible, "domain", "", null, "one that starts by linux64, linux32 or pvh", "a paravirtualised one of Xen"),
    };

    private static void Flat(KvmSegment.Writer segment, ushort selector, SegmentType kind, bool isLong)
    {
        (segment.Base, segment.Limit, segment.Selector, segment.Kind) = (0, WholeSpace, selector, (byte)kind);
        (segment.Present, segment.Ring, segment.CodeOrData, segment.Granularity) = (1, 0, 1, 1);
        (segment.Available, segment.Unusable) = (0, 0);
        (segment.LongMode, segment.Default32) = isLong ? ((byte)1, (byte)0) : ((byte)0, (byte)1);
    }
}
