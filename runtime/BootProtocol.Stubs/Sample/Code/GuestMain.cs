using BootProtocol.Sample.Linking;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Code;

/// <summary>What the guest does once it runs at its virtual address: report, then switch off.</summary>
internal static class GuestMain
{
    /// <summary>Where native entry points of 64 bits go on, still at the image's physical address.</summary>
    public const string FromPhysical = "main_from_physical";

    /// <summary>Where native entry points go on, with the guest's page tables.</summary>
    public const string Start = "main_start";

    /// <summary>Where all entry points go on, with a stack.</summary>
    public const string Common = "main_common";

    private const string Reports = "main_reports";

    public static void Emit(GuestProgram program)
    {
        GuestCode code = program.Code;
        Assembler c = code.Asm;
        program.Variables.Align(8);
        program.Variables.Define(Reports);
        foreach (EntryKind kind in Enum.GetValues<EntryKind>())
            program.Variables.Address(ReportOf(kind));

        EmitStart(code);
        var report = new ReportWriter(program);
        code.Define(Common);
        code.Call(Checksum.Prepare);
        code.Call(XenHvmConsole.Prepare);
        report.Line($"\nguest: bootproto sample, {(int)program.Word}-bit");
        code.Call(ModeReport.Print);
        code.Call(RelocationReport.Print);
        c.mov(eax, code.Memory(EntryState.Field(EntryState.Kind)));
        code.MoveAddress(WordRegister.D, Reports);
        Place routine = Place.At(WordRegister.D, WordRegister.A, code.WordBytes);
        c.call(code.IsWide ? __qword_ptr[code.Memory(routine)] : __dword_ptr[code.Memory(routine)]);
        report.Line("end: report complete");
        c.mov(al, PowerOff.Success);
        code.Jump(PowerOff.Go);
    }

    private static string ReportOf(EntryKind kind) => kind switch
    {
        EntryKind.Linux32 or EntryKind.Linux64 => LinuxReport.PrintNative,
        EntryKind.Pvh => PvhReport.Print,
        _ => XenReport.Print,
    };

    private static void EmitStart(GuestCode code)
    {
        Assembler c = code.Asm;
        const string Segments = "main_segments";
        code.Define(Start);
        code.MoveAddress(WordRegister.Stack, GuestEntry.StackTop);
        c.lgdt(code.IsWide
            ? __tbyte_ptr[code.Memory(Place.Of(Descriptors.Register))]
            : __fword_ptr[code.Memory(Place.Of(Descriptors.Register))]);
        c.push(Descriptors.CodeSelector);
        code.MoveAddress(WordRegister.A, Segments);
        code.Push(WordRegister.A);
        c.retf();

        code.Define(Segments);
        c.mov(eax, Descriptors.DataSelector);
        c.mov(ds, eax);
        c.mov(es, eax);
        c.mov(ss, eax);
        c.xor(eax, eax);
        c.mov(fs, eax);
        c.mov(gs, eax);
        code.Call(Exceptions.Install);
    }
}
