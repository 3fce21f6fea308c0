using BootProtocol.Sample.Linking;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Code;

/// <summary>Finds memory by the address that the guest was given for it, and prints checksums of it.</summary>
internal static class GuestMemory
{
    /// <summary>Makes a pointer, in si, of the address in edx and eax. Sets the carry flag if the guest has no mapping of it.</summary>
    public const string ToPointer = "memory_to_pointer";

    /// <summary>Prints the CRC-32 of ecx bytes at the address in edx and eax, or that it cannot be reached. Changes no register.</summary>
    public const string PrintChecksum = "memory_print_checksum";

    /// <summary>What lies between a (pseudo-)physical address and its virtual one, a word; 0 where the guest made its own tables.</summary>
    public const string Offset = "memory_offset";

    /// <summary>The first address, a word, to which the offset does not apply.</summary>
    public const string Limit = "memory_limit";

    /// <summary>The virtual address of physical address 0 in the image's mapping, a word; addresses from there on are virtual.</summary>
    public const string VirtualBase = "memory_virtual_base";

    public static void Emit(GuestProgram program)
    {
        GuestCode code = program.Code;
        DataBlock data = program.Variables;
        data.Align(8);
        data.Define(VirtualBase);
        data.Address(GuestEntry.Image, -(long)GuestLayout.PhysicalAddress);
        data.Define(Offset);
        data.Zeros(code.WordBytes);
        data.Define(Limit);
        if (code.IsWide)
            data.Number64((ulong)PageTables.Gigabytes64 << 30);
        else
            data.Number32(uint.MaxValue);

        EmitToPointer(code);
        EmitPrintChecksum(program);
    }

    private static void EmitToPointer(GuestCode code)
    {
        Assembler c = code.Asm;
        Label physical = c.CreateLabel();
        Label unreachable = c.CreateLabel();
        Label done = c.CreateLabel();

        code.Define(ToPointer);
        code.Push(WordRegister.D);
        c.mov(esi, eax);
        if (code.IsWide)
        {
            c.shl(rdx, 32);
            c.or(rsi, rdx);
        }
        else
        {
            c.test(edx, edx);
            c.jnz(unreachable);
        }

        code.Compare(WordRegister.Source, Place.Of(Limit));
        c.jb(physical);
        code.Compare(WordRegister.Source, Place.Of(VirtualBase)); // sets the carry flag as it should be
        c.jmp(done);
        c.Label(ref physical);
        code.Add(WordRegister.Source, Place.Of(Offset));
        c.clc();
        c.jmp(done);
        c.Label(ref unreachable);
        c.stc();
        c.Label(ref done);
        code.Pop(WordRegister.D);
        c.ret();
    }

    private static void EmitPrintChecksum(GuestProgram program)
    {
        GuestCode code = program.Code;
        Assembler c = code.Asm;
        var report = new ReportWriter(program);
        Label unreachable = c.CreateLabel();
        Label done = c.CreateLabel();

        code.Define(PrintChecksum);
        code.Push(WordRegister.A, WordRegister.D, WordRegister.Source);
        code.Call(ToPointer);
        c.jc(unreachable);
        code.Call(Checksum.Compute);
        c.xor(edx, edx);
        code.Call(NumberPrinter.Hexadecimal);
        c.jmp(done);
        c.Label(ref unreachable);
        report.Text("unreachable");
        c.Label(ref done);
        code.Pop(WordRegister.A, WordRegister.D, WordRegister.Source);
        c.ret();
    }
}
