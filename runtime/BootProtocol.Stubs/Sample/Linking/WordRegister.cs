using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Linking;

/// <summary>A general register at the guest's word size, so that one source makes code of 32 and of 64 bits.</summary>
/// <param name="Wide">The register of 64 bits.</param>
/// <param name="Narrow">Its lower 32 bits.</param>
internal readonly record struct WordRegister(AssemblerRegister64 Wide, AssemblerRegister32 Narrow)
{
    public static WordRegister A => new(rax, eax);

    public static WordRegister B => new(rbx, ebx);

    public static WordRegister C => new(rcx, ecx);

    public static WordRegister D => new(rdx, edx);

    public static WordRegister Source => new(rsi, esi);

    public static WordRegister Destination => new(rdi, edi);

    public static WordRegister Frame => new(rbp, ebp);

    public static WordRegister Stack => new(rsp, esp);
}
