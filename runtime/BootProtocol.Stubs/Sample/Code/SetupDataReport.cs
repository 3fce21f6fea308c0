using BootProtocol.LinuxX86;
using BootProtocol.Sample.Linking;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Code;

/// <summary>Reports the setup_data list of a zero page: its nodes, and the memory ranges that did not fit into the page.</summary>
internal static class SetupDataReport
{
    /// <summary>Prints the list of the zero page at di. Changes a, b, c, d and si.</summary>
    public const string Print = "report_setup_data";

    public static void Emit(GuestProgram program)
    {
        GuestCode code = program.Code;
        Assembler c = code.Asm;
        var report = new ReportWriter(program);
        Label node = c.CreateLabel();
        Label goOn = c.CreateLabel();
        Label indirect = c.CreateLabel();
        Label done = c.CreateLabel();
        Place head = Place.At(WordRegister.Destination, SetupHeader.Layout.Offset.SetupData);
        Place next = Place.At(WordRegister.Source, SetupData.Layout.Offset.Next);
        Place type = Place.At(WordRegister.Source, SetupData.Layout.Offset.Type);
        Place length = Place.At(WordRegister.Source, SetupData.Layout.Offset.Len);

        code.Define(Print);
        c.mov(eax, code.Memory(head));
        c.mov(edx, code.Memory(head.Plus(sizeof(uint))));
        c.Label(ref node);
        c.mov(ecx, eax);
        c.or(ecx, edx);
        c.jz(done);
        code.Call(GuestMemory.ToPointer);
        c.jc(done);
        report.Key("setup-data");
        report.Hexadecimal(type, sizeof(uint));
        report.Text(" ");
        report.Decimal(length, sizeof(uint));
        report.EndLine();
        c.cmp(__dword_ptr[code.Memory(type)], unchecked((int)SetupDataType.Indirect));
        c.je(indirect);
        c.cmp(__dword_ptr[code.Memory(type)], (int)SetupDataType.E820Ext);
        c.jne(goOn);
        EmitRanges(code, length);
        c.jmp(goOn);
        c.Label(ref indirect);
        EmitIndirect(report);
        c.Label(ref goOn);
        c.mov(eax, code.Memory(next));
        c.mov(edx, code.Memory(next.Plus(sizeof(uint))));
        c.jmp(node);
        c.Label(ref done);
        c.ret();
    }

    /// <summary>Prints what an indirect node leads to: type, size and address.</summary>
    private static void EmitIndirect(ReportWriter report)
    {
        Place target = Place.At(WordRegister.Source, SetupData.Layout.Size);
        report.Key("setup-indirect");
        report.Hexadecimal(target.Plus(SetupIndirect.Layout.Offset.Type), sizeof(uint));
        report.Text(" ");
        report.Decimal(target.Plus(SetupIndirect.Layout.Offset.Len), sizeof(ulong));
        report.Text(" ");
        report.Hexadecimal(target.Plus(SetupIndirect.Layout.Offset.Addr), sizeof(ulong));
        report.EndLine();
    }

    private static void EmitRanges(GuestCode code, Place length)
    {
        Assembler c = code.Asm;
        Label range = c.CreateLabel();
        Label done = c.CreateLabel();
        c.mov(ecx, code.Memory(length));
        code.Push(WordRegister.Source);
        code.Add(WordRegister.Source, SetupData.Layout.Size);
        c.Label(ref range);
        c.sub(ecx, BootE820Entry.Layout.Size);
        c.jb(done);
        code.Call(MemoryMapReport.PrintRange);
        code.Add(WordRegister.Source, BootE820Entry.Layout.Size);
        c.jmp(range);
        c.Label(ref done);
        code.Pop(WordRegister.Source);
    }
}
