using BootProtocol.Sample.Linking;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Packing;

/// <summary>The guest's own decoder of LZ4 blocks.</summary>
internal static class Lz4Unpacking
{
    private const int Nibble = 15;
    private const int ShortestMatch = 4;

    /// <summary>Emits the code that unpacks the block from si up to b to di. Changes a, c, d, si and di.</summary>
    public static void Emit(GuestCode code)
    {
        Assembler c = code.Asm;
        Label sequence = c.CreateLabel();
        Label done = c.CreateLabel();
        c.Label(ref sequence);
        c.movzx(eax, __byte_ptr[code.Memory(Place.At(WordRegister.Source))]);
        code.Add(WordRegister.Source, 1);
        c.mov(ecx, eax);
        c.shr(ecx, 4);
        EmitLength(code);
        c.rep.movsb(); // literals

        code.Compare(WordRegister.Source, WordRegister.B);
        c.jae(done); // the last sequence has no match
        c.movzx(edx, __word_ptr[code.Memory(Place.At(WordRegister.Source))]);
        code.Add(WordRegister.Source, sizeof(ushort));
        c.mov(ecx, eax);
        c.and(ecx, Nibble);
        EmitDistanceAndLength(code);
        c.jmp(sequence);
        c.Label(ref done);
        c.nop();
    }

    /// <summary>The match of distance edx, and of the length that starts in ecx.</summary>
    private static void EmitDistanceAndLength(GuestCode code)
    {
        Assembler c = code.Asm;
        code.Push(WordRegister.D);
        EmitLength(code);
        code.Pop(WordRegister.D);
        c.add(ecx, ShortestMatch);
        code.Push(WordRegister.Source);
        code.Move(WordRegister.Source, WordRegister.Destination);
        code.Subtract(WordRegister.Source, WordRegister.D);
        c.rep.movsb(); // byte by byte: a match may overlap what it makes
        code.Pop(WordRegister.Source);
    }

    /// <summary>A length of 15 goes on in the bytes that follow, up to the first that is not 255. Changes d.</summary>
    private static void EmitLength(GuestCode code)
    {
        Assembler c = code.Asm;
        Label more = c.CreateLabel();
        Label known = c.CreateLabel();
        c.cmp(ecx, Nibble);
        c.jne(known);
        c.Label(ref more);
        c.movzx(edx, __byte_ptr[code.Memory(Place.At(WordRegister.Source))]);
        code.Add(WordRegister.Source, 1);
        c.add(ecx, edx);
        c.cmp(edx, byte.MaxValue);
        c.je(more);
        c.Label(ref known);
        c.nop();
    }
}
