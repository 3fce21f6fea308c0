using BootProtocol.Sample.Linking;
using BootProtocol.X86;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Code;

/// <summary>Reports which entry point was taken, and the processor's mode at it.</summary>
internal static class ModeReport
{
    public const string Print = "report_mode";

    private const string Names = "entry_names";
    private const uint RingBits = 3;

    public static void Emit(GuestProgram program)
    {
        GuestCode code = program.Code;
        Assembler c = code.Asm;
        var report = new ReportWriter(program);
        Label xen = c.CreateLabel();
        Label done = c.CreateLabel();

        string[] names = ["linux32", "linux64", "pvh", "xen-pv"];
        string[] texts = [.. names.Select(program.Constants.Text)];
        program.Variables.Align(8);
        program.Variables.Define(Names);
        foreach (string text in texts)
            program.Variables.Address(text);

        code.Define(Print);
        report.Key("entry");
        c.mov(eax, code.Memory(EntryState.Field(EntryState.Kind)));
        code.MoveAddress(WordRegister.D, Names);
        code.Load(WordRegister.Source, Place.At(WordRegister.D, WordRegister.A, code.WordBytes));
        code.Call(TextPrinter.Text);
        report.EndLine();

        Place cr0 = EntryState.Field(EntryState.Cr0);
        report.ChoiceLine("protected-mode", cr0, (uint)Cr0.Pe, "on", "off");
        report.ChoiceLine("paging", cr0, (uint)Cr0.Pg, "on", "off");
        report.Key("ring");
        c.mov(eax, code.Memory(EntryState.Field(EntryState.CodeSegment)));
        c.and(eax, RingBits);
        c.xor(edx, edx);
        code.Call(NumberPrinter.Decimal);
        report.EndLine();
        report.HexadecimalLine("code-segment", EntryState.Field(EntryState.CodeSegment), sizeof(ushort));
        report.ChoiceLine("interrupts", EntryState.Field(EntryState.Flags), (uint)Rflags.If, "on", "off");

        c.cmp(__dword_ptr[code.Memory(EntryState.Field(EntryState.Kind))], (int)EntryKind.XenPv);
        c.je(xen);
        report.ChoiceLine("pae", EntryState.Field(EntryState.Cr4), (uint)Cr4.Pae, "on", "off");
        report.ChoiceLine("long-mode", EntryState.Field(EntryState.Efer), (uint)Efer.Lma, "on", "off");
        report.HexadecimalLine("cr0", cr0, sizeof(uint));
        report.HexadecimalLine("cr3", EntryState.Field(EntryState.Cr3), sizeof(ulong));
        report.HexadecimalLine("cr4", EntryState.Field(EntryState.Cr4), sizeof(uint));
        report.HexadecimalLine("efer", EntryState.Field(EntryState.Efer), sizeof(uint));
        report.HexadecimalLine("physical", EntryState.Field(EntryState.Image), sizeof(ulong));
        c.jmp(done);

        // A PV guest cannot read the other registers, but there is no PV guest of another kind.
        c.Label(ref xen);
        report.Line("pae: on");
        report.Line(program.Word == WordSize.Bits64 ? "long-mode: on" : "long-mode: off");
        c.Label(ref done);
        report.HexadecimalLine("virtual", Place.Of(PageTables.ImageAddress), code.WordBytes);
        report.HexadecimalLine("pointer", EntryState.Field(EntryState.Pointer), code.WordBytes);
        c.ret();
    }
}
