using BootProtocol.Sample.Linking;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Code;

/// <summary>Prints numbers of 64 bits, which are in edx and eax in both word sizes. No routine changes a register.</summary>
internal static class NumberPrinter
{
    /// <summary>Prints <c>0x</c> and the digits without leading zeros.</summary>
    public const string Hexadecimal = "print_hexadecimal";

    /// <summary>Prints decimal digits.</summary>
    public const string Decimal = "print_decimal";

    private const int HexadecimalDigits = 16;

    public static void Emit(GuestCode code)
    {
        EmitHexadecimal(code);
        EmitDecimal(code);
    }

    private static void EmitHexadecimal(GuestCode code)
    {
        Assembler c = code.Asm;
        Label next = c.CreateLabel();
        Label letter = c.CreateLabel();
        Label print = c.CreateLabel();
        Label skip = c.CreateLabel();

        code.Define(Hexadecimal);
        code.PushAll();
        c.mov(ebx, eax);
        c.mov(al, (byte)'0');
        code.Call(TextPrinter.Character);
        c.mov(al, (byte)'x');
        code.Call(TextPrinter.Character);
        c.mov(ecx, HexadecimalDigits);
        c.xor(esi, esi); // whether a digit was printed

        c.Label(ref next);
        c.mov(eax, edx);
        c.shr(eax, 28);
        c.shld(edx, ebx, 4);
        c.shl(ebx, 4);
        c.or(esi, eax);
        c.jnz(print);
        c.cmp(ecx, 1); // the last digit is printed even if it is 0
        c.jne(skip);
        c.Label(ref print);
        c.cmp(eax, 10);
        c.jae(letter);
        c.sub(eax, 'a' - '0' - 10);
        c.Label(ref letter);
        c.add(eax, 'a' - 10);
        code.Call(TextPrinter.Character);
        c.or(esi, 1);
        c.Label(ref skip);
        c.dec(ecx);
        c.jnz(next);
        code.PopAll();
        c.ret();
    }

    private static void EmitDecimal(GuestCode code)
    {
        Assembler c = code.Asm;
        Label divide = c.CreateLabel();
        Label print = c.CreateLabel();

        code.Define(Decimal);
        code.PushAll();
        c.xor(ebx, ebx); // digits on the stack
        c.mov(ecx, 10);
        c.mov(esi, eax);
        c.mov(edi, edx);

        c.Label(ref divide);
        c.mov(eax, edi);
        c.xor(edx, edx);
        c.div(ecx);
        c.mov(edi, eax);
        c.mov(eax, esi);
        c.div(ecx);
        c.mov(esi, eax);
        code.Push(WordRegister.D);
        c.inc(ebx);
        c.or(eax, edi);
        c.jnz(divide);

        c.Label(ref print);
        code.Pop(WordRegister.A);
        c.add(al, (byte)'0');
        code.Call(TextPrinter.Character);
        c.dec(ebx);
        c.jnz(print);
        code.PopAll();
        c.ret();
    }
}
