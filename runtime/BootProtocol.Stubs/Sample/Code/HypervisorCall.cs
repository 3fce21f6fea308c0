using BootProtocol.Stubs;
using BootProtocol.Sample.Linking;
using BootProtocol.Xen;
using Iced.Intel;

namespace BootProtocol.Sample.Code;

/// <summary>
/// Hypercalls of a PV guest, made with the instruction that enters the hypervisor rather than through a hypercall page. The answer is in a;
/// the arguments' registers, and c with 64 bits, may have changed.
/// </summary>
internal static class HypervisorCall
{
    /// <summary>The register of the first argument.</summary>
    public static WordRegister First(GuestCode code) => code.IsWide ? WordRegister.Destination : WordRegister.B;

    /// <summary>The register of the second argument.</summary>
    public static WordRegister Second(GuestCode code) => code.IsWide ? WordRegister.Source : WordRegister.C;

    /// <summary>Makes a call whose arguments are in their registers.</summary>
    public static void Emit(GuestCode code, Hypercall number)
    {
        Assembler c = code.Asm;
        c.mov(WordRegister.A.Narrow, (int)number);
        if (code.IsWide)
            c.syscall();
        else
            c.@int(HypervisorDescriptors.HypercallVector);
    }

    /// <summary>Makes a call of an operation and an address.</summary>
    public static void Emit(GuestCode code, Hypercall number, uint operation, string symbol)
    {
        code.MoveAddress(Second(code), symbol);
        code.Asm.mov(First(code).Narrow, (int)operation);
        Emit(code, number);
    }
}
