using System.Text;
using BootProtocol.LinuxX86;
using BootProtocol.Sample.Code;
using BootProtocol.Sample.Linking;
using BootProtocol.X86;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Packing;

/// <summary>
/// The program at the start of the protected-mode part: it unpacks the payload behind the image, copies the kernel's segments to the next
/// aligned address behind that, and enters the kernel with the zero page that it was given. It runs wherever it is loaded.
/// </summary>
internal sealed class Unpacker(UnpackerPlan plan)
{
    private const string Entry32 = "unpacker_32";
    private const string Entry32Here = "unpacker_32_here";
    private const string Entry64 = "unpacker_64";
    private const string Unpack = "unpacker_unpack";
    private const int Scratch = BootParams.Layout.Offset.Scratch;
    private const int Gigabytes = 4;

    private static readonly string[] _texts = ["\nimage-entry: linux32\n", "\nimage-entry: linux64\n"];

    /// <summary>Writes the unpacker into the start of a protected-mode part.</summary>
    public void Write(Span<byte> part)
    {
        int goOn = 0;
        if (plan.Word == WordSize.Bits64)
        {
            Block wide = Assemble(64, ImageLayout.LongModeEntry, Write64);
            goOn = ImageLayout.LongModeEntry + wide.Symbols.First(symbol => symbol.Name == Unpack).Offset;
            Put(part, wide.Bytes, ImageLayout.LongModeEntry, ImageLayout.Texts);
        }

        Block narrow = Assemble(32, 0, code => Write32(code, goOn));
        Put(part, narrow.Bytes, 0, goOn == 0 ? ImageLayout.Texts : ImageLayout.LongModeEntry);
        for (int i = 0; i < _texts.Length; i++)
            Encoding.ASCII.GetBytes(_texts[i] + "\0", part[TextOffset(i)..]);
    }

    private static int TextOffset(int index) => ImageLayout.Texts + _texts.Take(index).Sum(text => text.Length + 1);

    private static void Put(Span<byte> part, byte[] code, int start, int end)
    {
        if (code.Length > end - start)
            throw new InvalidOperationException("The sample guest's unpacker does not fit into its place.");
        code.CopyTo(part[start..]);
    }

    private static Block Assemble(int bits, int address, Action<GuestCode> source)
    {
        var symbols = new SymbolMap(0);
        while (true)
        {
            var code = new GuestCode(bits, symbols);
            source(code);
            Block block = code.ToBlock((ulong)address);
            if (!symbols.Update(block.Symbols.Select(symbol => symbol with { Offset = symbol.Offset + address })))
                return block;
        }
    }

    /// <summary>The 32-bit entry: without a stack, but the zero page at esi has a word that may be used for one.</summary>
    private void Write32(GuestCode code, int goOn)
    {
        Assembler c = code.Asm;
        code.Define(Entry32);
        c.mov(eax, __[esi + Scratch]);
        c.lea(esp, __[esi + (Scratch + sizeof(uint))]);
        code.Call(Entry32Here);
        code.Define(Entry32Here);
        c.pop(ebp);
        c.mov(__[esi + Scratch], eax);
        c.sub(ebp, code.OffsetOf(Entry32Here));
        code.LoadAddress(WordRegister.Stack, Place.At(WordRegister.Frame, plan.StackTop));
        EmitText(code, 0);
        if (plan.Word == WordSize.Bits64)
            EmitLongMode(code, goOn);
        else
            EmitUnpack(code);
        EmitPrinter(code);
    }

    /// <summary>The 64-bit entry.</summary>
    private void Write64(GuestCode code)
    {
        code.Define(Entry64);
        code.LoadAddress(WordRegister.Frame, Place.Early(Entry64));
        code.Subtract(WordRegister.Frame, ImageLayout.LongModeEntry);
        code.LoadAddress(WordRegister.Stack, Place.At(WordRegister.Frame, plan.StackTop));
        EmitText(code, 1);
        code.Define(Unpack);
        EmitUnpack(code);
        EmitPrinter(code);
    }

    private static void EmitText(GuestCode code, int index)
    {
        code.Push(WordRegister.Source);
        code.LoadAddress(WordRegister.Source, Place.At(WordRegister.Frame, TextOffset(index)));
        code.Call(TextPrinter.Text);
        code.Pop(WordRegister.Source);
    }

    private static void EmitPrinter(GuestCode code)
    {
        code.Define(TextPrinter.Character);
        code.Jump(SerialPort.Write);
        TextPrinter.EmitText(code);
        SerialPort.Emit(code);
    }

    /// <summary>Maps the lowest 4 GiB where they are, and goes on in 64-bit code.</summary>
    private void EmitLongMode(GuestCode code, int goOn)
    {
        Assembler c = code.Asm;
        const int Frame = X86Page.Size;
        const uint Table = PageTables.Table;
        int tables = plan.Tables;

        EmitEntries(code, tables, tables + Frame, 1, Table);
        EmitEntries(code, tables + Frame, tables + (2 * Frame), Gigabytes, Table);
        c.mov(eax, PageTables.LargePage);
        c.lea(edi, __[ebp + (tables + (2 * Frame))]);
        EmitEntries(c, Gigabytes * Frame / sizeof(ulong), 1 << X86Page.LargeShift);

        c.lea(eax, __[ebp + tables]);
        c.mov(cr3, eax);
        c.mov(eax, cr4);
        c.or(eax, (int)Cr4.Pae);
        c.mov(cr4, eax);
        c.mov(ecx, GuestEntry.EferRegister);
        c.rdmsr();
        c.or(eax, (int)Efer.Lme);
        c.wrmsr();
        c.mov(eax, cr0);
        c.or(eax, unchecked((int)(uint)Cr0.Pg));
        c.mov(cr0, eax);

        // A code segment of 64 bits: the table, and what the processor loads for it, are made on the stack.
        ulong segment = (ulong)FlatSegment.Of(SegmentType.CodeExecuteReadAccessed, SegmentDescriptor.LongMode);
        c.push((int)(segment >> 32));
        c.push((int)(uint)segment);
        c.lea(eax, __[esp - Descriptors.CodeSelector]);
        c.push(eax);
        c.push((Descriptors.CodeSelector + sizeof(ulong) - 1) << 16);
        c.lgdt(__fword_ptr[esp + sizeof(ushort)]);
        c.push(Descriptors.CodeSelector);
        c.lea(eax, __[ebp + goOn]);
        c.push(eax);
        c.retf();
    }

    /// <summary>Fills the first entries of the table at a distance with pages that follow one another from another distance on.</summary>
    private static void EmitEntries(GuestCode code, int table, int first, int count, uint flags)
    {
        Assembler c = code.Asm;
        c.lea(edi, __[ebp + table]);
        c.lea(eax, __[ebp + (first + (int)flags)]);
        EmitEntries(c, count, X86Page.Size);
    }

    /// <summary>Stores eax, and what grows by a step from there, at edi.</summary>
    private static void EmitEntries(Assembler c, int count, int step)
    {
        Label next = c.CreateLabel();
        c.mov(ecx, count);
        c.Label(ref next);
        c.mov(__[edi], eax);
        c.mov(__dword_ptr[edi + sizeof(uint)], 0);
        c.add(eax, step);
        c.add(edi, sizeof(ulong));
        c.dec(ecx);
        c.jnz(next);
    }

    /// <summary>Unpacks, copies, and enters the kernel. The frame register points to this part of the image, si to the zero page.</summary>
    private void EmitUnpack(GuestCode code)
    {
        Assembler c = code.Asm;
        c.cld();
        code.Push(WordRegister.Source);
        code.LoadAddress(WordRegister.Source, Place.At(WordRegister.Frame, ImageLayout.Payload + Lz4Payload.HeadSize));
        code.LoadAddress(WordRegister.B, Place.At(WordRegister.Source, plan.BlockSize));
        code.LoadAddress(WordRegister.Destination, Place.At(WordRegister.Frame, plan.Buffer));
        Lz4Unpacking.Emit(code);

        code.LoadAddress(WordRegister.B, Place.At(WordRegister.Frame, plan.End + GuestLayout.Alignment - 1));
        code.And(WordRegister.B, -GuestLayout.Alignment);
        c.xor(eax, eax);
        foreach (UnpackedSegment segment in plan.Segments)
        {
            code.LoadAddress(WordRegister.Source, Place.At(WordRegister.Frame, plan.Buffer + segment.FileOffset));
            code.LoadAddress(WordRegister.Destination, Place.At(WordRegister.B, segment.ImageOffset));
            c.mov(ecx, segment.FileSize);
            c.rep.movsb();
            c.mov(ecx, segment.MemorySize - segment.FileSize);
            c.rep.stosb();
        }

        code.Pop(WordRegister.Source);
        code.Add(WordRegister.B, plan.Entry);
        if (code.IsWide)
            c.jmp(rbx);
        else
            c.jmp(ebx);
    }
}
