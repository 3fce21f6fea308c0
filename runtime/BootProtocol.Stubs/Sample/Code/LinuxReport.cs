using BootProtocol.LinuxX86;
using BootProtocol.Sample.Linking;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Code;

/// <summary>Reports what a zero page (boot_params) says.</summary>
internal static class LinuxReport
{
    /// <summary>Prints the zero page that the entry point was given.</summary>
    public const string PrintNative = "report_linux_native";

    /// <summary>Prints the zero page at di. Changes a, b, c, d and si.</summary>
    public const string Print = "report_linux";

    /// <summary>The longest command line that is printed, in bytes.</summary>
    public const int CommandLineLimit = 4096;

    public static void Emit(GuestProgram program)
    {
        GuestCode code = program.Code;
        Assembler c = code.Asm;
        var report = new ReportWriter(program);

        code.Define(PrintNative);
        code.Load(WordRegister.Destination, EntryState.Field(EntryState.Pointer));
        code.Define(Print);
        report.HexadecimalLine("magic", Page(SetupHeader.Layout.Offset.Header), sizeof(uint));
        report.HexadecimalLine("protocol", Page(SetupHeader.Layout.Offset.Version), sizeof(ushort));
        report.HexadecimalLine("loader", Page(SetupHeader.Layout.Offset.TypeOfLoader), sizeof(byte));
        report.HexadecimalLine("sentinel", Page(BootParams.Layout.Offset.Sentinel), sizeof(byte));
        report.DecimalLine("subarch", Page(SetupHeader.Layout.Offset.HardwareSubarch), sizeof(uint));
        report.HexadecimalLine("subarch-data", Page(SetupHeader.Layout.Offset.HardwareSubarchData), sizeof(ulong));
        report.HexadecimalLine("rsdp", Page(BootParams.Layout.Offset.AcpiRsdpAddr), sizeof(ulong));
        EmitCommandLine(code, report);
        EmitMemoryMap(code);
        code.Call(SetupDataReport.Print);
        EmitInitrd(code, report);
        c.ret();
    }

    private static Place Page(int offset) => Place.At(WordRegister.Destination, offset);

    private static void EmitCommandLine(GuestCode code, ReportWriter report)
    {
        Assembler c = code.Asm;
        Label unreachable = c.CreateLabel();
        Label none = c.CreateLabel();
        Place low = Page(SetupHeader.Layout.Offset.CmdLinePtr);
        Place high = Page(BootParams.Layout.Offset.ExtCmdLinePtr);
        report.HexadecimalLine("command-line-address", low, high);
        report.Key("command-line");
        c.mov(eax, code.Memory(low));
        c.mov(edx, code.Memory(high));
        c.mov(ecx, eax);
        c.or(ecx, edx);
        c.jz(none);
        code.Call(GuestMemory.ToPointer);
        c.jc(unreachable);
        c.mov(ecx, CommandLineLimit);
        code.Call(TextPrinter.Foreign);
        c.Label(ref unreachable);
        c.nop();
        c.Label(ref none);
        report.EndLine();
    }

    private static void EmitMemoryMap(GuestCode code)
    {
        Assembler c = code.Asm;
        Label next = c.CreateLabel();
        Label done = c.CreateLabel();
        c.movzx(ecx, __byte_ptr[code.Memory(Page(BootParams.Layout.Offset.E820Entries))]);
        code.LoadAddress(WordRegister.Source, Page(BootParams.Layout.Offset.E820Table));
        c.Label(ref next);
        c.sub(ecx, 1);
        c.jb(done);
        code.Call(MemoryMapReport.PrintRange);
        code.Add(WordRegister.Source, BootE820Entry.Layout.Size);
        c.jmp(next);
        c.Label(ref done);
        c.nop();
    }

    private static void EmitInitrd(GuestCode code, ReportWriter report)
    {
        Assembler c = code.Asm;
        Label none = c.CreateLabel();
        Place addressLow = Page(SetupHeader.Layout.Offset.RamdiskImage);
        Place addressHigh = Page(BootParams.Layout.Offset.ExtRamdiskImage);
        Place sizeLow = Page(SetupHeader.Layout.Offset.RamdiskSize);
        Place sizeHigh = Page(BootParams.Layout.Offset.ExtRamdiskSize);
        c.mov(ecx, code.Memory(sizeLow));
        c.mov(eax, ecx);
        c.or(eax, code.Memory(sizeHigh));
        c.jz(none);
        report.Key("initrd");
        report.Hexadecimal(addressLow, addressHigh);
        report.Text(" ");
        report.Decimal(sizeLow, sizeHigh);
        report.EndLine();
        report.Key("initrd-crc32");
        c.mov(eax, code.Memory(addressLow));
        c.mov(edx, code.Memory(addressHigh));
        code.Call(GuestMemory.PrintChecksum);
        report.EndLine();
        c.Label(ref none);
        c.nop();
    }
}
