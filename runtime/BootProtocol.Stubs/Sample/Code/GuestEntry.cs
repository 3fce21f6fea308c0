using BootProtocol.Elf;
using BootProtocol.LinuxX86;
using BootProtocol.Sample.Linking;
using BootProtocol.X86;
using BootProtocol.Xen;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Code;

/// <summary>
/// The entry points. Each saves what it was given, gets the guest to its virtual address, and goes on to <see cref="GuestMain.Start"/>.
/// The native ones may be loaded at any physical address.
/// </summary>
internal static class GuestEntry
{
    /// <summary>The first byte of the image.</summary>
    public const string Image = "image_start";

    public const string Linux32 = "entry_linux32";
    public const string Linux64 = "entry_linux64";
    public const string Pvh = "entry_pvh";
    public const string XenPv = "entry_xen_pv";

    /// <summary>The top of the stack.</summary>
    public const string StackTop = "stack_top";

    /// <summary>The number of the model-specific register efer.</summary>
    public const uint EferRegister = 0xc0000080;

    private const string StackBottom = "stack_bottom";
    private const int StackSize = 16384;

    /// <summary>Makes the stack.</summary>
    public static void Define(GuestProgram program)
    {
        program.Reserved.Reserve(StackBottom, StackSize, 16);
        program.Reserved.Define(StackTop);
    }

    public static void Emit(GuestProgram program)
    {
        GuestCode native = program.Word == WordSize.Bits32 ? program.Code : program.Early;
        native.Define(Image);
        native.Asm.ud2(); // nobody enters the image at its start

        if (program.Word == WordSize.Bits32)
        {
            EmitProtectedMode(native, program.Word, Linux32, EntryKind.Linux32, BootParams.Layout.Offset.Scratch);
        }
        else
        {
            EmitLongMode(program.Code);
        }

        // The first word of hvm_start_info serves as stack, and is put back.
        native.Define(Pvh);
        native.Asm.mov(esi, ebx);
        EmitProtectedMode(native, program.Word, "entry_pvh_go_on", EntryKind.Pvh, HvmStartInfo.Layout.Offset.Magic);
        EmitXen(program.Code);
    }

    /// <summary>An entry without paging. There is no stack, but the structure at esi has a word that may be used for one.</summary>
    private static void EmitProtectedMode(GuestCode code, WordSize word, string name, EntryKind kind, int scratch)
    {
        Assembler c = code.Asm;
        string here = name + "_here";
        code.Define(name);
        c.mov(eax, __[esi + scratch]);
        c.lea(esp, __[esi + (scratch + sizeof(uint))]);
        code.Call(here);
        code.Define(here);
        c.pop(ebp);
        c.mov(__[esi + scratch], eax);
        c.sub(ebp, code.OffsetOf(here));
        code.LoadAddress(WordRegister.Stack, Place.Early(StackTop));

        c.pushfd();
        c.pop(__dword_ptr[code.Memory(EntryState.Early(EntryState.Flags))]);
        c.cli();
        c.cld();
        c.mov(__dword_ptr[code.Memory(EntryState.Early(EntryState.Kind))], (int)kind);
        c.mov(code.Memory(EntryState.Early(EntryState.Pointer)), esi);
        c.mov(code.Memory(EntryState.Early(EntryState.Image)), ebp);
        c.mov(eax, cs);
        c.mov(code.Memory(EntryState.Early(EntryState.CodeSegment)), eax);
        c.mov(eax, cr0);
        c.mov(code.Memory(EntryState.Early(EntryState.Cr0)), eax);
        c.mov(eax, cr3);
        c.mov(code.Memory(EntryState.Early(EntryState.Cr3)), eax);
        c.mov(eax, cr4);
        c.mov(code.Memory(EntryState.Early(EntryState.Cr4)), eax);
        if (word == WordSize.Bits64)
        {
            c.mov(ecx, EferRegister);
            c.rdmsr();
            c.mov(code.Memory(EntryState.Early(EntryState.Efer)), eax);
        }

        PageTables.EmitFill(code, word);
        EmitPaging(code, word);
        if (word == WordSize.Bits32)
        {
            code.MoveAddress(WordRegister.A, GuestMain.Start);
            c.jmp(eax);
            return;
        }

        EmitSwitchToLongMode(code);
    }

    /// <summary>Turns paging on, with the tables in eax; for a 64-bit guest together with long mode.</summary>
    private static void EmitPaging(GuestCode code, WordSize word)
    {
        Assembler c = code.Asm;
        c.mov(edi, cr4);
        c.or(edi, (int)Cr4.Pae);
        c.mov(cr4, edi);
        c.mov(cr3, eax);
        if (word == WordSize.Bits64)
        {
            c.mov(ecx, EferRegister);
            c.rdmsr();
            c.or(eax, (int)Efer.Lme);
            c.wrmsr();
        }

        c.mov(eax, cr0);
        c.or(eax, unchecked((int)(uint)(Cr0.Pg | Cr0.Pe)));
        c.mov(cr0, eax);
    }

    /// <summary>Loads the descriptors from where they are in physical memory, and returns into code of 64 bits.</summary>
    private static void EmitSwitchToLongMode(GuestCode code)
    {
        Assembler c = code.Asm;
        code.LoadAddress(WordRegister.A, Place.Early(Descriptors.Table));
        c.push(eax);
        c.push(Descriptors.Limit << 16);
        c.lgdt(__fword_ptr[esp + sizeof(ushort)]);
        code.LoadAddress(WordRegister.A, Place.Early(GuestMain.FromPhysical));
        c.push(Descriptors.CodeSelector);
        c.push(eax);
        c.retf();
    }

    /// <summary>The entry in long mode; the loader's tables map the image where it is.</summary>
    private static void EmitLongMode(GuestCode code)
    {
        Assembler c = code.Asm;
        code.Define(Linux64);
        code.LoadAddress(WordRegister.Stack, Place.Early(StackTop));
        c.pushfq();
        c.pop(rax);
        c.mov(code.Memory(EntryState.Early(EntryState.Flags)), eax);
        c.cli();
        c.cld();
        c.mov(__dword_ptr[code.Memory(EntryState.Early(EntryState.Kind))], (int)EntryKind.Linux64);
        c.mov(code.Memory(EntryState.Early(EntryState.Pointer)), rsi);
        code.LoadAddress(WordRegister.A, Place.Early(Image));
        c.mov(code.Memory(EntryState.Early(EntryState.Image)), rax);
        c.mov(eax, cs);
        c.mov(code.Memory(EntryState.Early(EntryState.CodeSegment)), eax);
        c.mov(rax, cr0);
        c.mov(code.Memory(EntryState.Early(EntryState.Cr0)), eax);
        c.mov(rax, cr3);
        c.mov(code.Memory(EntryState.Early(EntryState.Cr3)), rax);
        c.mov(rax, cr4);
        c.mov(code.Memory(EntryState.Early(EntryState.Cr4)), eax);
        c.mov(ecx, EferRegister);
        c.rdmsr();
        c.mov(code.Memory(EntryState.Early(EntryState.Efer)), eax);

        PageTables.EmitFill(code, WordSize.Bits64);
        c.mov(cr3, rax);

        code.Define(GuestMain.FromPhysical);
        code.MoveAddress(WordRegister.A, GuestMain.Start);
        c.jmp(rax);
    }

    /// <summary>The entry of a Xen PV guest: paging is on, and the processor is not the guest's to configure.</summary>
    private static void EmitXen(GuestCode code)
    {
        Assembler c = code.Asm;
        code.Define(XenPv);
        code.Store(EntryState.Field(EntryState.Pointer), WordRegister.Source);
        code.MoveAddress(WordRegister.Stack, StackTop);
        if (code.IsWide)
            c.pushfq();
        else
            c.pushfd();
        code.Pop(WordRegister.A);
        c.mov(code.Memory(EntryState.Field(EntryState.Flags)), eax);
        c.mov(eax, cs);
        c.mov(code.Memory(EntryState.Field(EntryState.CodeSegment)), eax);
        c.smsw(eax); // the one way to see cr0 that every ring has
        c.mov(code.Memory(EntryState.Field(EntryState.Cr0)), eax);
        c.mov(__dword_ptr[code.Memory(EntryState.Field(EntryState.Kind))], (int)EntryKind.XenPv);
        c.cld();
        code.Call(XenConsole.Prepare);
        code.Jump(GuestMain.Common);
    }
}
