using BootProtocol.Sample.Linking;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Code;

/// <summary>Prints characters and texts. No routine changes a register.</summary>
internal static class TextPrinter
{
    /// <summary>Prints the character in al on the output device.</summary>
    public const string Character = "print_character";

    /// <summary>Prints the NUL-terminated text at si.</summary>
    public const string Text = "print_text";

    /// <summary>Prints the text at si up to a NUL, or cx bytes of it; what is not printable ASCII becomes a dot.</summary>
    public const string Foreign = "print_foreign";

    /// <summary>Ends a line.</summary>
    public const string NewLine = "print_newline";

    /// <summary>Holds the address of the routine that writes al: other entry points may have other devices.</summary>
    public const string Device = "output_device";

    public static void Emit(GuestProgram program)
    {
        GuestCode code = program.Code;
        Assembler c = code.Asm;
        program.Variables.Align(8);
        program.Variables.Define(Device);
        program.Variables.Address(SerialPort.Write);

        code.Define(Character);
        c.call(code.IsWide ? __qword_ptr[code.Memory(Place.Of(Device))] : __dword_ptr[code.Memory(Place.Of(Device))]);
        c.ret();

        code.Define(NewLine);
        code.Push(WordRegister.A);
        c.mov(al, (byte)'\n');
        code.Call(Character);
        code.Pop(WordRegister.A);
        c.ret();

        EmitText(code);
        EmitForeign(code);
    }

    /// <summary>Emits only the routine that prints texts.</summary>
    public static void EmitText(GuestCode code)
    {
        Assembler c = code.Asm;
        Label next = c.CreateLabel();
        Label done = c.CreateLabel();
        code.Define(Text);
        code.Push(WordRegister.A, WordRegister.Source);
        c.Label(ref next);
        c.mov(al, code.Memory(Place.At(WordRegister.Source)));
        c.test(al, al);
        c.jz(done);
        code.Call(Character);
        code.Add(WordRegister.Source, 1);
        c.jmp(next);
        c.Label(ref done);
        code.Pop(WordRegister.A, WordRegister.Source);
        c.ret();
    }

    private static void EmitForeign(GuestCode code)
    {
        Assembler c = code.Asm;
        Label next = c.CreateLabel();
        Label odd = c.CreateLabel();
        Label print = c.CreateLabel();
        Label done = c.CreateLabel();
        code.Define(Foreign);
        code.Push(WordRegister.A, WordRegister.C, WordRegister.Source);
        c.Label(ref next);
        c.test(ecx, ecx);
        c.jz(done);
        c.mov(al, code.Memory(Place.At(WordRegister.Source)));
        c.test(al, al);
        c.jz(done);
        c.cmp(al, (byte)' ');
        c.jb(odd);
        c.cmp(al, (byte)'~');
        c.jbe(print);
        c.Label(ref odd);
        c.mov(al, (byte)'.');
        c.Label(ref print);
        code.Call(Character);
        code.Add(WordRegister.Source, 1);
        c.dec(ecx);
        c.jmp(next);
        c.Label(ref done);
        code.Pop(WordRegister.A, WordRegister.C, WordRegister.Source);
        c.ret();
    }
}
