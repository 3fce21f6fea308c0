using BootProtocol.X86;
using BootProtocol.Xen;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Stubs;

/// <summary>The code of a hypervisor stub for a 64-bit domain, whose kernel runs in ring 3.</summary>
internal sealed class HypervisorCode64 : HypervisorCode
{
    private const uint StarRegister = 0xc0000081;
    private const uint LongStarRegister = 0xc0000082;
    private const uint FlagMaskRegister = 0xc0000084;
    private const int Word = sizeof(ulong);
    private const int RingBits = 3;

    // What an exception leaves on the stack, from the vector on.
    private const int Vector = 0;
    private const int ErrorCode = Word;
    private const int Instruction = 2 * Word;
    private const int CodeSegment = 3 * Word;
    private const int Flags = 4 * Word;
    private const int Stack = 5 * Word;
    private const int StackSegment = 6 * Word;
    private const int StackAlignment = 16;

    public HypervisorCode64(HypervisorLayout layout, HypervisorTables tables)
        : base(layout, 64)
    {
        Label call = Assembler.CreateLabel();
        Label exception = Assembler.CreateLabel();
        Label crash = Assembler.CreateLabel();
        EmitStart(tables, call);
        EmitCall(ref call);
        EmitExceptions(exception);
        EmitException(ref exception, crash);
        EmitCrash(ref crash);
    }

    private void EmitStart(HypervisorTables tables, Label call)
    {
        Assembler c = Assembler;
        HypervisorStubOptions domain = Layout.Options;
        c.mov(rsp, Layout.Virtual(HypervisorLayout.StackTop));
        c.mov(rax, Layout.Virtual(HypervisorLayout.DescriptorRegister));
        c.lgdt(__tbyte_ptr[rax]);
        c.mov(rax, Layout.Virtual(HypervisorLayout.GateRegister));
        c.lidt(__tbyte_ptr[rax]);
        c.mov(eax, tables.Domain);
        c.mov(cr3, rax);
        c.mov(eax, HypervisorLayout.TaskSelector);
        c.ltr(ax);

        c.lea(rax, __[call]);
        c.mov(rdx, rax);
        c.shr(rdx, 32);
        c.mov(ecx, LongStarRegister);
        c.wrmsr();
        c.xor(eax, eax);
        c.mov(edx, ((int)FlatSelector64.Ring3Code32 << 16) | HypervisorLayout.CodeSelector);
        c.mov(ecx, StarRegister);
        c.wrmsr();
        c.xor(edx, edx);
        c.mov(eax, (int)(Rflags.Tf | Rflags.If | Rflags.Df | Rflags.Nt | Rflags.Ac));
        c.mov(ecx, FlagMaskRegister);
        c.wrmsr();

        c.xor(eax, eax);
        c.mov(ds, eax);
        c.mov(es, eax);
        c.mov(fs, eax);
        c.mov(gs, eax);
        c.push((int)FlatSelector64.Ring3Stack64);
        Push(domain.StackPointer);
        c.push((int)(Rflags.Fixed | Rflags.If | default(Rflags).WithIopl(RingBits)));
        c.push((int)FlatSelector64.Ring3Code64);
        Push(domain.EntryPoint);
        foreach (AssemblerRegister32 other in (AssemblerRegister32[])
            [eax, ebx, ecx, edx, edi, ebp, r8d, r9d, r10d, r11d, r12d, r13d, r14d, r15d])
        {
            c.xor(other, other);
        }

        c.mov(rsi, domain.StartInfo.Value);
        c.iretq();

        void Push(Vaddr value)
        {
            c.mov(rax, value.Value);
            c.push(rax);
        }
    }

    /// <summary>A hypercall: its number in rax, its argument in rdi. The processor has changed rcx and r11.</summary>
    private void EmitCall(ref Label call)
    {
        Assembler c = Assembler;
        Label savedStack = c.CreateLabel();
        Label next = c.CreateLabel();
        Label done = c.CreateLabel();
        Label other = c.CreateLabel();
        Label back = c.CreateLabel();
        c.Label(ref savedStack);
        c.dq(0UL);
        c.Label(ref call);
        c.mov(__qword_ptr[savedStack], rsp);
        c.mov(rsp, Layout.Virtual(HypervisorLayout.StackTop));
        c.push(rcx);
        c.push(rdi);
        c.push(rdx);
        c.push(rbx);
        c.cmp(eax, (int)Hypercall.SetTrapTable);
        c.jne(other);
        c.mov(rbx, Layout.Virtual(HypervisorLayout.Traps));
        c.Label(ref next);
        c.mov(rcx, __qword_ptr[rdi + TrapInfo.Layout.Offset64.Address]);
        c.test(rcx, rcx);
        c.jz(done);
        c.movzx(edx, __byte_ptr[rdi + TrapInfo.Layout.Offset64.Vector]);
        c.shl(edx, HypervisorLayout.TrapShift);
        c.mov(__qword_ptr[rbx + rdx], rcx);
        c.movzx(ecx, __word_ptr[rdi + TrapInfo.Layout.Offset64.Cs]);
        c.mov(__qword_ptr[rbx + rdx + Word], rcx);
        c.add(rdi, TrapInfo.Layout.Size64);
        c.jmp(next);
        c.Label(ref done);
        c.xor(eax, eax);
        c.jmp(back);
        c.Label(ref other);
        c.mov(rax, (long)NoSuchCall);
        c.Label(ref back);
        c.pop(rbx);
        c.pop(rdx);
        c.pop(rdi);
        c.pop(rcx);
        c.mov(rsp, __qword_ptr[savedStack]);
        c.sysretq();
    }

    /// <summary>
    /// An exception: continues in the domain's handler, on the domain's stack, aligned, with the frame that Xen makes there: rcx, r11, the
    /// error code of an exception that has one, rip, cs, rflags, rsp, ss.
    /// </summary>
    private void EmitException(ref Label exception, Label crash)
    {
        Assembler c = Assembler;
        Label noHandler = c.CreateLabel();
        Label noErrorCode = c.CreateLabel();
        AssemblerRegister64[] saved = [rax, rbx, rdx, rsi];
        int frame = saved.Length * Word;

        c.Label(ref exception);
        c.test(__byte_ptr[rsp + CodeSegment], RingBits);
        c.jz(crash);
        foreach (AssemblerRegister64 register in saved)
            c.push(register);
        c.mov(esi, __dword_ptr[rsp + frame + Vector]);
        c.mov(rbx, Layout.Virtual(HypervisorLayout.Traps));
        c.mov(eax, esi);
        c.shl(eax, HypervisorLayout.TrapShift);
        c.add(rbx, rax);
        c.cmp(__qword_ptr[rbx], 0);
        c.je(noHandler);

        c.mov(rdx, __qword_ptr[rsp + frame + Stack]);
        c.and(rdx, -StackAlignment);
        for (int part = StackSegment; part >= Instruction; part -= Word)
            Store(part);
        c.mov(eax, ProcessorExceptions.WithErrorCode);
        c.bt(eax, esi);
        c.jnc(noErrorCode);
        Store(ErrorCode);
        c.Label(ref noErrorCode);
        c.sub(rdx, 2 * Word);
        c.mov(__qword_ptr[rdx + Word], r11);
        c.mov(__qword_ptr[rdx], rcx);

        c.mov(__qword_ptr[rsp + frame + Stack], rdx);
        c.mov(__qword_ptr[rsp + frame + StackSegment], (int)FlatSelector64.Ring3Stack64);
        c.and(__dword_ptr[rsp + frame + Flags], ~(int)(Rflags.Tf | Rflags.Nt | Rflags.Rf));
        c.mov(rax, __qword_ptr[rbx]);
        c.mov(__qword_ptr[rsp + frame + Instruction], rax);
        c.mov(rax, __qword_ptr[rbx + Word]);
        c.or(eax, RingBits);
        c.mov(__qword_ptr[rsp + frame + CodeSegment], rax);
        Restore();
        c.add(rsp, Instruction);
        c.iretq();

        c.Label(ref noHandler);
        Restore();
        c.jmp(crash);

        void Store(int part)
        {
            c.sub(rdx, Word);
            c.mov(rax, __qword_ptr[rsp + frame + part]);
            c.mov(__qword_ptr[rdx], rax);
        }

        void Restore()
        {
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
        c.mov(rsi, Layout.Virtual(HypervisorLayout.CrashText));
        c.call(text);
        c.mov(eax, __dword_ptr[rsp + Vector]);
        c.call(number);
        c.mov(rsi, Layout.Virtual(HypervisorLayout.CrashTextAt));
        c.call(text);
        c.mov(eax, __dword_ptr[rsp + Instruction + (Word / 2)]);
        c.call(number);
        c.mov(eax, __dword_ptr[rsp + Instruction]);
        c.call(number);
        c.mov(rsi, Layout.Virtual(HypervisorLayout.EndOfLine));
        c.call(text);
        EmitExit();
        c.mov(rax, Layout.Virtual(HypervisorLayout.NoGateRegister));
        c.lidt(__tbyte_ptr[rax]);
        c.int3();
        EmitPrinting(ref text, ref number);
    }
}
