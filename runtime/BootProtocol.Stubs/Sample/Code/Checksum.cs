using BootProtocol.Sample.Linking;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Code;

/// <summary>The usual CRC-32 of bytes, by a table.</summary>
internal static class Checksum
{
    /// <summary>Makes the table.</summary>
    public const string Prepare = "checksum_prepare";

    /// <summary>The CRC-32 of cx bytes at si, in eax. Changes no other register.</summary>
    public const string Compute = "checksum_compute";

    private const string Table = "checksum_table";
    private const int TableEntries = 256;

    /// <summary>The polynomial, lowest bit first.</summary>
    private const uint Polynomial = 0xedb88320;

    public static void Emit(GuestProgram program)
    {
        program.Reserved.Reserve(Table, TableEntries * sizeof(uint), sizeof(uint));
        EmitPrepare(program.Code);
        EmitCompute(program.Code);
    }

    private static void EmitPrepare(GuestCode code)
    {
        Assembler c = code.Asm;
        Label entry = c.CreateLabel();
        Label bit = c.CreateLabel();
        Label even = c.CreateLabel();

        code.Define(Prepare);
        code.PushAll();
        code.MoveAddress(WordRegister.Destination, Table);
        c.xor(ebx, ebx);
        c.Label(ref entry);
        c.mov(eax, ebx);
        c.mov(ecx, 8);
        c.Label(ref bit);
        c.shr(eax, 1);
        c.jnc(even);
        c.xor(eax, Polynomial);
        c.Label(ref even);
        c.dec(ecx);
        c.jnz(bit);
        c.mov(code.Memory(Place.At(WordRegister.Destination, WordRegister.B, sizeof(uint))), eax);
        c.inc(ebx);
        c.cmp(ebx, TableEntries);
        c.jb(entry);
        code.PopAll();
        c.ret();
    }

    private static void EmitCompute(GuestCode code)
    {
        Assembler c = code.Asm;
        Label next = c.CreateLabel();
        Label done = c.CreateLabel();

        code.Define(Compute);
        code.Push(WordRegister.B, WordRegister.C, WordRegister.Source, WordRegister.Destination);
        code.MoveAddress(WordRegister.Destination, Table);
        code.Add(WordRegister.C, WordRegister.Source); // the end
        c.mov(eax, uint.MaxValue);
        c.Label(ref next);
        code.Compare(WordRegister.Source, WordRegister.C);
        c.je(done);
        c.movzx(ebx, __byte_ptr[code.Memory(Place.At(WordRegister.Source))]);
        c.xor(bl, al);
        c.shr(eax, 8);
        c.xor(eax, code.Memory(Place.At(WordRegister.Destination, WordRegister.B, sizeof(uint))));
        code.Add(WordRegister.Source, 1);
        c.jmp(next);
        c.Label(ref done);
        c.not(eax);
        code.Pop(WordRegister.B, WordRegister.C, WordRegister.Source, WordRegister.Destination);
        c.ret();
    }
}
