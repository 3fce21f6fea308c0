using BootProtocol.Domains;
using BootProtocol.X86;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Kexec;

/// <summary>The first code after a restart: it puts the processor into a domain's state, and enters its kernel.</summary>
/// <remarks>
/// The kernel before leaves the processor in 64-bit mode, with interrupts off, flat segments, an empty descriptor table and page tables of its
/// own that map memory alone, each page at its own address (arch/x86/kernel/relocate_kernel_64.S). What it leaves in cr4 stays: the domain's page
/// tables have as many levels. Registers that the boot protocol does not name are 0, but for the stack pointer.
/// </remarks>
internal static class EntryCode
{
    /// <summary>Bytes of memory that it takes, its stack with it.</summary>
    public const int Size = X86Page.Size;

    private const int CodeStart = 16;

    /// <summary>Where its first instruction is.</summary>
    /// <param name="place">Where it is; a page below 4 GiB.</param>
    public static Paddr Entry(Paddr place) => new(place.Value + CodeStart);

    /// <summary>Writes it.</summary>
    /// <param name="page">Where it goes; cleared.</param>
    /// <param name="place">The physical address of that.</param>
    /// <param name="cpu">The state; its page tables map the place where it is.</param>
    public static void Write(Span<byte> page, Paddr place, CpuState cpu)
    {
        Gdtr.Writer register = Gdtr.Create(page, WordSize.Bits64);
        register.Limit = (ushort)(Math.Max(cpu.CodeSelector, cpu.DataSelector) | 7);
        register.Base = new Vaddr(cpu.DescriptorTable.Value);
        using var stream = new MemoryStream();
        Assemble(place, cpu).Assemble(new StreamCodeWriter(stream), Entry(place).Value);
        stream.ToArray().CopyTo(page[CodeStart..]);
    }

    private static Assembler Assemble(Paddr place, CpuState cpu)
    {
        var c = new Assembler(64);
        c.mov(rax, cpu.Cr3);
        c.mov(cr3, rax);
        c.mov(rsp, place.Value + Size);
        c.mov(rax, place.Value);
        c.lgdt(__[rax]);
        c.mov(eax, cpu.DataSelector);
        c.mov(ds, eax);
        c.mov(es, eax);
        c.mov(ss, eax);
        c.mov(fs, eax);
        c.mov(gs, eax);
        c.push(cpu.CodeSelector);
        c.mov(rax, cpu.InstructionPointer.Value);
        c.push(rax);
        foreach (AssemblerRegister32 other in (AssemblerRegister32[])
            [eax, ebx, ecx, edx, edi, ebp, r8d, r9d, r10d, r11d, r12d, r13d, r14d, r15d])
        {
            c.xor(other, other);
        }

        c.mov(rsi, cpu.Rsi);
        c.AddInstruction(Instruction.Create(Code.Retfq));
        return c;
    }
}
