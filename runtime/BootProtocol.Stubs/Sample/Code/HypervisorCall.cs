using BootProtocol.Stubs;
using BootProtocol.Sample.Linking;
using BootProtocol.Xen;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Code;

/// <summary>
/// Hypercalls. A PV guest makes them with the instruction that enters the hypervisor rather than through a hypercall page, a PVH guest through
/// its page. The answer is in a; the arguments' registers, and c with 64 bits, may have changed.
/// </summary>
internal static class HypervisorCall
{
    /// <summary>Holds the address of the routine that makes the call whose number is in a.</summary>
    public const string Gate = "hypervisor_gate";

    private const string Instruction = "hypervisor_instruction";

    /// <summary>Emits the routine of a PV guest, which is in use unless another one is put in its place.</summary>
    public static void Emit(GuestProgram program)
    {
        GuestCode code = program.Code;
        program.Variables.Align(8);
        program.Variables.Define(Gate);
        program.Variables.Address(Instruction);
        code.Define(Instruction);
        if (code.IsWide)
            code.Asm.syscall();
        else
            code.Asm.@int(HypervisorDescriptors.HypercallVector);
        code.Asm.ret();
    }

    /// <summary>The register of the first argument.</summary>
    public static WordRegister First(GuestCode code) => code.IsWide ? WordRegister.Destination : WordRegister.B;

    /// <summary>The register of the second argument.</summary>
    public static WordRegister Second(GuestCode code) => code.IsWide ? WordRegister.Source : WordRegister.C;

    /// <summary>Makes a call whose arguments are in their registers.</summary>
    public static void Emit(GuestCode code, Hypercall number)
    {
        Assembler c = code.Asm;
        c.mov(WordRegister.A.Narrow, (int)number);
        c.call(code.IsWide ? __qword_ptr[code.Memory(Place.Of(Gate))] : __dword_ptr[code.Memory(Place.Of(Gate))]);
    }

    /// <summary>Makes a call of an operation and an address.</summary>
    public static void Emit(GuestCode code, Hypercall number, uint operation, string symbol)
    {
        code.MoveAddress(Second(code), symbol);
        code.Asm.mov(First(code).Narrow, (int)operation);
        Emit(code, number);
    }
}
