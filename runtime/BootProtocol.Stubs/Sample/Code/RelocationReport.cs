using BootProtocol.Sample.Linking;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Code;

/// <summary>Compares one relocated place of each kind with the address that the guest runs at.</summary>
internal static class RelocationReport
{
    public const string Print = "report_relocation";

    private const string Absolute64 = "relocated_64";
    private const string Absolute32 = "relocated_32";
    private const string Inverse32 = "relocated_inverse_32";

    public static void Emit(GuestProgram program)
    {
        GuestCode code = program.Code;
        Assembler c = code.Asm;
        Define(program);

        const string Here = "report_relocation_here";
        code.Define(Print);
        code.Call(Here);
        code.Define(Here);
        code.Pop(WordRegister.B);
        code.Subtract(WordRegister.B, code.OffsetOf(Here));

        if (program.Word == WordSize.Bits64)
        {
            code.Compare(WordRegister.B, Place.Of(Absolute64));
            EmitVerdict(program, "relocation-64");
            c.mov(eax, code.Memory(Place.Of(Inverse32)));
            c.add(eax, ebx);
            EmitVerdict(program, "relocation-inverse-32");
        }

        c.cmp(ebx, code.Memory(Place.Of(Absolute32)));
        EmitVerdict(program, "relocation-32");
        c.ret();
    }

    private static void Define(GuestProgram program)
    {
        DataBlock data = program.Variables;
        data.Align(8);
        if (program.Word == WordSize.Bits64)
        {
            data.Define(Absolute64);
            data.Address(GuestEntry.Image);
            data.Define(Inverse32);
            data.NegatedAddress32(GuestEntry.Image);
        }

        data.Define(Absolute32);
        data.Address32(GuestEntry.Image);
    }

    /// <summary>Prints whether the zero flag is set.</summary>
    private static void EmitVerdict(GuestProgram program, string key)
    {
        Assembler c = program.Code.Asm;
        var report = new ReportWriter(program);
        Label right = c.CreateLabel();
        Label done = c.CreateLabel();
        c.je(right);
        report.Line(key + ": wrong");
        c.jmp(done);
        c.Label(ref right);
        report.Line(key + ": right");
        c.Label(ref done);
        c.nop();
    }
}
