using BootProtocol.Sample.Linking;
using BootProtocol.Xen;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Code;

/// <summary>Finds the console ring of a PVH guest, where a Xen says by CPUID that it is there.</summary>
/// <remarks>Source: Xen's public headers arch-x86/cpuid.h, hvm/hvm_op.h and hvm/params.h.</remarks>
internal static class XenHvmConsole
{
    /// <summary>Makes the console ring the output device if a PVH guest runs on Xen. Changes a, b, c, d, si and di.</summary>
    public const string Prepare = "xen_hvm_prepare";

    private const string Call = "xen_hvm_call";
    private const string CallPage = "xen_hvm_call_page";
    private const string CallPageAddress = "xen_hvm_call_page_address";
    private const string Parameter = "xen_hvm_parameter";
    private const uint CallPageLeaf = XenCpuid.FirstLeaf + 2;

    /// <summary>Each entry of a hypercall page has 2 to this power bytes.</summary>
    private const byte EntryShift = 5;

    public static void Emit(GuestProgram program)
    {
        program.Reserved.Reserve(CallPage, X86Page.Size, X86Page.Size);
        program.Reserved.Reserve(Parameter, HvmParameterValue.Layout.Size, sizeof(ulong));
        program.Variables.Align(8);
        program.Variables.Define(CallPageAddress);
        program.Variables.Address(CallPage);
        EmitPrepare(program.Code);
        EmitCall(program.Code);
    }

    private static void EmitPrepare(GuestCode code)
    {
        Assembler c = code.Asm;
        Label none = c.CreateLabel();
        code.Define(Prepare);
        c.cmp(__dword_ptr[code.Memory(EntryState.Field(EntryState.Kind))], (int)EntryKind.Pvh);
        c.jne(none);
        c.mov(eax, XenCpuid.FirstLeaf);
        c.cpuid();
        c.cmp(ebx, (int)XenCpuid.SignatureEbx);
        c.jne(none);
        c.cmp(ecx, (int)XenCpuid.SignatureEcx);
        c.jne(none);
        c.cmp(edx, (int)XenCpuid.SignatureEdx);
        c.jne(none);

        // The register takes the physical address of the page.
        c.mov(eax, CallPageLeaf);
        c.cpuid();
        c.mov(ecx, ebx);
        code.Load(WordRegister.A, Place.Of(CallPageAddress));
        code.Subtract(WordRegister.A, Place.Of(PageTables.ImageAddress));
        code.Add(WordRegister.A, EntryState.Field(EntryState.Image));
        code.Move(WordRegister.D, WordRegister.A);
        if (code.IsWide)
            code.ShiftRight(WordRegister.D, 32);
        else
            c.xor(edx, edx);
        c.wrmsr();
        code.MoveAddress(WordRegister.A, Call);
        code.Store(Place.Of(HypervisorCall.Gate), WordRegister.A);

        EmitParameter(code, HvmParameter.ConsolePort, none);
        c.mov(eax, code.Memory(Place.Of(Parameter, HvmParameterValue.Layout.Offset.Value)));
        c.mov(code.Memory(Place.Of(XenConsole.Port)), eax);
        EmitParameter(code, HvmParameter.ConsoleFrame, none);
        c.mov(eax, code.Memory(Place.Of(Parameter, HvmParameterValue.Layout.Offset.Value)));
        code.ShiftLeft(WordRegister.A, X86Page.Shift);
        c.test(eax, eax);
        c.jz(none);
        code.Store(Place.Of(XenConsole.Page), WordRegister.A);
        code.MoveAddress(WordRegister.A, XenConsole.Write);
        code.Store(Place.Of(TextPrinter.Device), WordRegister.A);
        c.Label(ref none);
        c.ret();
    }

    /// <summary>Asks Xen for a parameter of this domain.</summary>
    private static void EmitParameter(GuestCode code, HvmParameter parameter, Label none)
    {
        Assembler c = code.Asm;
        c.mov(__dword_ptr[code.Memory(Place.Of(Parameter))], (int)ReservedDomain.Self);
        c.mov(__dword_ptr[code.Memory(Place.Of(Parameter, HvmParameterValue.Layout.Offset.Index))], (int)parameter);
        HypervisorCall.Emit(code, Hypercall.HvmOp, (uint)HvmOperation.GetParameter, Parameter);
        c.test(eax, eax);
        c.jnz(none);
    }

    /// <summary>Goes to the entry of the call whose number is in a.</summary>
    private static void EmitCall(GuestCode code)
    {
        Assembler c = code.Asm;
        code.Define(Call);
        c.shl(eax, EntryShift);
        code.Add(WordRegister.A, Place.Of(CallPageAddress));
        if (code.IsWide)
            c.jmp(rax);
        else
            c.jmp(eax);
    }
}
