using BootProtocol.X86;
using BootProtocol.Xen;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Stubs;

/// <summary>The code of a hypervisor stub for a 32-bit domain, whose kernel runs in ring 1.</summary>
/// <remarks>The domain's segments end before the hypervisor begins: its code needs its own data segment wherever it is entered.</remarks>
internal sealed class HypervisorCode32 : HypervisorCode
{
    private const int Word = sizeof(uint);
    private const int RingBits = 3;
    private const int KernelRing = 1;

    // What an exception leaves on the stack, from the vector on.
    private const int Vector = 0;
    private const int ErrorCode = Word;
    private const int Instruction = 2 * Word;
    private const int CodeSegment = 3 * Word;
    private const int Flags = 4 * Word;
    private const int Stack = 5 * Word;

    public HypervisorCode32(HypervisorLayout layout, HypervisorTables tables)
        : base(layout, 32)
    {
        Label call = Assembler.CreateLabel();
        Label exception = Assembler.CreateLabel();
        Label crash = Assembler.CreateLabel();
        EmitStart(tables);
        EmitCall(ref call);
        EmitExceptions(exception);
        EmitException(ref exception, crash);
        EmitCrash(ref crash);
        AddGate(HypervisorDescriptors.HypercallVector, KernelRing, call);
    }

    private void EmitStart(HypervisorTables tables)
    {
        Assembler c = Assembler;
        HypervisorStubOptions domain = Layout.Options;
        c.mov(esp, At(HypervisorLayout.StackTop));
        c.lgdt(__fword_ptr[At(HypervisorLayout.DescriptorRegister)]);
        c.lidt(__fword_ptr[At(HypervisorLayout.GateRegister)]);
        c.mov(eax, tables.Domain);
        c.mov(cr3, eax);
        c.mov(eax, HypervisorLayout.TaskSelector);
        c.ltr(ax);

        c.push((int)FlatSelector32.Ring1Data);
        c.push((int)domain.StackPointer.Value);
        c.push((int)(Rflags.Fixed | Rflags.If | default(Rflags).WithIopl(KernelRing)));
        c.push((int)FlatSelector32.Ring1Code);
        c.push((int)domain.EntryPoint.Value);
        c.mov(eax, (int)FlatSelector32.Ring1Data);
        c.mov(ds, eax);
        c.mov(es, eax);
        c.mov(fs, eax);
        c.mov(gs, eax);
        foreach (AssemblerRegister32 other in (AssemblerRegister32[])[eax, ebx, ecx, edx, edi, ebp])
            c.xor(other, other);
        c.mov(esi, (uint)domain.StartInfo.Value);
        c.iretd();
    }

    private uint At(int part) => (uint)Layout.Virtual(part);

    private void EmitSegments()
    {
        Assembler.mov(eax, HypervisorLayout.DataSelector);
        Assembler.mov(ds, eax);
        Assembler.mov(es, eax);
    }

    /// <summary>A hypercall: its number in eax, its argument in ebx.</summary>
    private void EmitCall(ref Label call)
    {
        Assembler c = Assembler;
        Label next = c.CreateLabel();
        Label done = c.CreateLabel();
        Label other = c.CreateLabel();
        Label back = c.CreateLabel();
        c.Label(ref call);
        c.push(ds);
        c.push(es);
        c.push(ebx);
        c.push(ecx);
        c.push(edx);
        c.mov(edx, eax);
        EmitSegments();
        c.cmp(edx, (int)Hypercall.SetTrapTable);
        c.jne(other);
        c.Label(ref next);
        c.mov(ecx, __dword_ptr[ebx + TrapInfo.Layout.Offset32.Address]);
        c.test(ecx, ecx);
        c.jz(done);
        c.movzx(edx, __byte_ptr[ebx + TrapInfo.Layout.Offset32.Vector]);
        c.shl(edx, HypervisorLayout.TrapShift);
        c.add(edx, At(HypervisorLayout.Traps));
        c.mov(__dword_ptr[edx], ecx);
        c.movzx(ecx, __word_ptr[ebx + TrapInfo.Layout.Offset32.Cs]);
        c.mov(__dword_ptr[edx + sizeof(ulong)], ecx);
        c.add(ebx, TrapInfo.Layout.Size32);
        c.jmp(next);
        c.Label(ref done);
        c.xor(eax, eax);
        c.jmp(back);
        c.Label(ref other);
        c.mov(eax, NoSuchCall);
        c.Label(ref back);
        c.pop(edx);
        c.pop(ecx);
        c.pop(ebx);
        c.pop(es);
        c.pop(ds);
        c.iretd();
    }

    /// <summary>
    /// An exception: continues in the domain's handler, on the domain's stack, with the frame that Xen makes there for an exception of ring 1:
    /// the error code of an exception that has one, eip, cs, eflags.
    /// </summary>
    private void EmitException(ref Label exception, Label crash)
    {
        Assembler c = Assembler;
        Label noHandler = c.CreateLabel();
        Label noErrorCode = c.CreateLabel();
        AssemblerRegister32[] saved = [eax, ebx, edx, esi];
        int frame = (saved.Length + 2) * Word;

        c.Label(ref exception);
        c.test(__byte_ptr[esp + CodeSegment], RingBits);
        c.jz(crash);
        foreach (AssemblerRegister32 register in saved)
            c.push(register);
        c.push(ds);
        c.push(es);
        EmitSegments();
        c.mov(esi, __dword_ptr[esp + frame + Vector]);
        c.mov(ebx, esi);
        c.shl(ebx, HypervisorLayout.TrapShift);
        c.add(ebx, At(HypervisorLayout.Traps));
        c.cmp(__dword_ptr[ebx], 0);
        c.je(noHandler);

        c.mov(edx, __dword_ptr[esp + frame + Stack]);
        for (int part = Flags; part >= Instruction; part -= Word)
            Store(part);
        c.mov(eax, ProcessorExceptions.WithErrorCode);
        c.bt(eax, esi);
        c.jnc(noErrorCode);
        Store(ErrorCode);
        c.Label(ref noErrorCode);
        c.mov(__dword_ptr[esp + frame + Stack], edx);
        c.and(__dword_ptr[esp + frame + Flags], ~(int)(Rflags.Tf | Rflags.Nt | Rflags.Rf));
        c.mov(eax, __dword_ptr[ebx]);
        c.mov(__dword_ptr[esp + frame + Instruction], eax);
        c.mov(eax, __dword_ptr[ebx + sizeof(ulong)]);
        c.and(eax, ~RingBits);
        c.or(eax, KernelRing);
        c.mov(__dword_ptr[esp + frame + CodeSegment], eax);
        Restore();
        c.add(esp, Instruction);
        c.iretd();

        c.Label(ref noHandler);
        Restore();
        c.jmp(crash);

        void Store(int part)
        {
            c.sub(edx, Word);
            c.mov(eax, __dword_ptr[esp + frame + part]);
            c.mov(__dword_ptr[edx], eax);
        }

        void Restore()
        {
            c.pop(es);
            c.pop(ds);
            for (int i = saved.Length - 1; i >= 0; i--)
                c.pop(saved[i]);
        }
    }

    /// <summary>Prints the vector and the address of an exception, and resets the machine.</summary>
    private void EmitCrash(ref Label crash)
    {
        Assembler c = Assembler;
        Label text = c.CreateLabel();
        Label number = c.CreateLabel();
        c.Label(ref crash);
        c.cld();
        EmitSegments();
        c.mov(esi, At(HypervisorLayout.CrashText));
        c.call(text);
        c.mov(eax, __dword_ptr[esp + Vector]);
        c.call(number);
        c.mov(esi, At(HypervisorLayout.CrashTextAt));
        c.call(text);
        c.mov(eax, __dword_ptr[esp + Instruction]);
        c.call(number);
        c.mov(esi, At(HypervisorLayout.EndOfLine));
        c.call(text);
        EmitExit();
        c.lidt(__fword_ptr[At(HypervisorLayout.NoGateRegister)]);
        c.int3();
        EmitPrinting(ref text, ref number);
    }
}
