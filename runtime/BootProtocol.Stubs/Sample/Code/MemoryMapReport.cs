using BootProtocol.LinuxX86;
using BootProtocol.Sample.Linking;
using Iced.Intel;

namespace BootProtocol.Sample.Code;

/// <summary>Reports a range of a memory map. The first fields of boot_e820_entry and of hvm_memmap_table_entry are the same.</summary>
internal static class MemoryMapReport
{
    /// <summary>Prints the range at si: start, size and type. Changes no register.</summary>
    public const string PrintRange = "report_range";

    public static void Emit(GuestProgram program)
    {
        GuestCode code = program.Code;
        Assembler c = code.Asm;
        var report = new ReportWriter(program);
        code.Define(PrintRange);
        report.Key("memory");
        report.Hexadecimal(Place.At(WordRegister.Source, BootE820Entry.Layout.Offset.Addr), sizeof(ulong));
        report.Text(" ");
        report.Hexadecimal(Place.At(WordRegister.Source, BootE820Entry.Layout.Offset.Size), sizeof(ulong));
        report.Text(" ");
        report.Decimal(Place.At(WordRegister.Source, BootE820Entry.Layout.Offset.Type), sizeof(uint));
        report.EndLine();
        c.ret();
    }
}
