using System.Collections.Immutable;
using BootProtocol.X86;

namespace BootProtocol.Kvm;

/// <summary>The registers of a processor when its machine ended.</summary>
/// <example><code>
/// var registers = new KvmRegisters { Processor = 0, Rip = 0x100000, Rsp = 0x8000, Cr0 = 1 };
/// Console.WriteLine(registers); // rip 0x100000, rsp 0x8000, paging off
/// </code></example>
public sealed record KvmRegisters
{
    /// <summary>The number of the processor, from 0 on.</summary>
    public required int Processor { get; init; }

    /// <summary>The instruction pointer.</summary>
    public required ulong Rip { get; init; }

    /// <summary>The stack pointer.</summary>
    public required ulong Rsp { get; init; }

    /// <summary>The flags register.</summary>
    public ulong Rflags { get; init; }

    /// <summary>rax, rbx, rcx, rdx, rsi, rdi, rsp, rbp, and r8 to r15; empty if they are not to be had.</summary>
    public ImmutableArray<ulong> General { get; init; } = [];

    /// <summary>Control register 0.</summary>
    public required ulong Cr0 { get; init; }

    /// <summary>Control register 2: the address of the last page fault.</summary>
    public ulong Cr2 { get; init; }

    /// <summary>Control register 3: the page tables.</summary>
    public ulong Cr3 { get; init; }

    /// <summary>Control register 4.</summary>
    public ulong Cr4 { get; init; }

    /// <summary>The extended feature enable register.</summary>
    public ulong Efer { get; init; }

    /// <summary>
    /// Whether they are those of the processor's last access to a device, or of its start, because the processor shows none at its end: AMD's
    /// have none after a triple fault.
    /// </summary>
    public bool AreEarlier { get; init; }

    /// <summary>The place as <c>rip 0x39ce0fd, rsp 0x3a7f020, cr2 0x39ce0fd, cr3 0x3a80000</c>.</summary>
    public override string ToString()
    {
        string paging = ((Cr0)Cr0).HasFlag(X86.Cr0.Pg) ? $"cr2 0x{Cr2:x}, cr3 0x{Cr3:x}" : "paging off";
        return $"{(AreEarlier ? "last seen at " : "")}rip 0x{Rip:x}, rsp 0x{Rsp:x}, {paging}";
    }

    /// <summary>Takes them out of what a processor shares.</summary>
    /// <param name="processor">The processor's number.</param>
    /// <param name="shared">The registers.</param>
    /// <param name="areEarlier">Whether they are not those of the end.</param>
    internal static KvmRegisters Of(int processor, KvmSyncRegs shared, bool areEarlier)
    {
        KvmRegs regs = shared.Regs;
        KvmSregs sregs = shared.Sregs;
        return new KvmRegisters
        {
            Processor = processor,
            Rip = regs.Rip,
            Rsp = regs.Rsp,
            Rflags = regs.Rflags,
            General =
            [
                regs.Rax, regs.Rbx, regs.Rcx, regs.Rdx, regs.Rsi, regs.Rdi, regs.Rsp, regs.Rbp,
                regs.R8, regs.R9, regs.R10, regs.R11, regs.R12, regs.R13, regs.R14, regs.R15,
            ],
            Cr0 = (ulong)sregs.Cr0,
            Cr2 = sregs.Cr2,
            Cr3 = sregs.Cr3,
            Cr4 = (ulong)sregs.Cr4,
            Efer = (ulong)sregs.Efer,
            AreEarlier = areEarlier,
        };
    }
}
