using BootProtocol.Sample.Linking;
using BootProtocol.Xen;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Code;

/// <summary>Reports what hvm_start_info says.</summary>
internal static class PvhReport
{
    public const string Print = "report_pvh";

    private static Place Info(int offset) => Place.At(WordRegister.Destination, offset);

    public static void Emit(GuestProgram program)
    {
        GuestCode code = program.Code;
        Assembler c = code.Asm;
        var report = new ReportWriter(program);
        Label done = c.CreateLabel();

        code.Define(Print);
        code.Load(WordRegister.Destination, EntryState.Field(EntryState.Pointer));
        report.HexadecimalLine("magic", Info(HvmStartInfo.Layout.Offset.Magic), sizeof(uint));
        report.DecimalLine("version", Info(HvmStartInfo.Layout.Offset.Version), sizeof(uint));
        report.HexadecimalLine("flags", Info(HvmStartInfo.Layout.Offset.Flags), sizeof(uint));
        report.HexadecimalLine("rsdp", Info(HvmStartInfo.Layout.Offset.RsdpPaddr), sizeof(ulong));
        report.HexadecimalLine("command-line-address", Info(HvmStartInfo.Layout.Offset.CmdlinePaddr), sizeof(ulong));
        EmitText(code, report, "command-line", Info(HvmStartInfo.Layout.Offset.CmdlinePaddr));

        c.cmp(__dword_ptr[code.Memory(Info(HvmStartInfo.Layout.Offset.Version))], 1);
        Label modules = c.CreateLabel();
        c.jb(modules);
        EmitMemoryMap(code);
        c.Label(ref modules);
        report.DecimalLine("modules", Info(HvmStartInfo.Layout.Offset.NrModules), sizeof(uint));
        EmitModules(code, report, done);
        c.Label(ref done);
        c.ret();
    }

    /// <summary>Prints a line with the text whose address is in a place.</summary>
    private static void EmitText(GuestCode code, ReportWriter report, string key, Place pointer)
    {
        Assembler c = code.Asm;
        Label none = c.CreateLabel();
        code.Push(WordRegister.C, WordRegister.Source);
        report.Key(key);
        c.mov(eax, code.Memory(pointer));
        c.mov(edx, code.Memory(pointer.Plus(sizeof(uint))));
        c.mov(ecx, eax);
        c.or(ecx, edx);
        c.jz(none);
        code.Call(GuestMemory.ToPointer);
        c.jc(none);
        c.mov(ecx, LinuxReport.CommandLineLimit);
        code.Call(TextPrinter.Foreign);
        c.Label(ref none);
        report.EndLine();
        code.Pop(WordRegister.C, WordRegister.Source);
    }

    private static void EmitMemoryMap(GuestCode code)
    {
        Assembler c = code.Asm;
        Label next = c.CreateLabel();
        Label done = c.CreateLabel();
        c.mov(eax, code.Memory(Info(HvmStartInfo.Layout.Offset.MemmapPaddr)));
        c.mov(edx, code.Memory(Info(HvmStartInfo.Layout.Offset.MemmapPaddr + sizeof(uint))));
        code.Call(GuestMemory.ToPointer);
        c.jc(done);
        c.mov(ecx, code.Memory(Info(HvmStartInfo.Layout.Offset.MemmapEntries)));
        c.Label(ref next);
        c.sub(ecx, 1);
        c.jb(done);
        code.Call(MemoryMapReport.PrintRange);
        code.Add(WordRegister.Source, HvmMemmapTableEntry.Layout.Size);
        c.jmp(next);
        c.Label(ref done);
        c.nop();
    }

    /// <summary>Prints the modules; the first one is the initrd.</summary>
    private static void EmitModules(GuestCode code, ReportWriter report, Label done)
    {
        Assembler c = code.Asm;
        Label next = c.CreateLabel();
        Label other = c.CreateLabel();
        Label checksum = c.CreateLabel();
        Place address = Place.At(WordRegister.B, HvmModlistEntry.Layout.Offset.Paddr);
        Place size = Place.At(WordRegister.B, HvmModlistEntry.Layout.Offset.Size);

        c.mov(eax, code.Memory(Info(HvmStartInfo.Layout.Offset.ModlistPaddr)));
        c.mov(edx, code.Memory(Info(HvmStartInfo.Layout.Offset.ModlistPaddr + sizeof(uint))));
        code.Call(GuestMemory.ToPointer);
        c.jc(done);
        code.Move(WordRegister.B, WordRegister.Source);
        c.mov(ecx, code.Memory(Info(HvmStartInfo.Layout.Offset.NrModules)));
        c.xor(ebp, ebp);

        c.Label(ref next);
        c.cmp(ebp, ecx);
        c.jae(done);
        c.test(ebp, ebp);
        c.jnz(other);
        EmitBlob(report, "initrd", address, size);
        report.Key("initrd-crc32");
        c.jmp(checksum);
        c.Label(ref other);
        EmitBlob(report, "module", address, size);
        report.Key("module-crc32");
        c.Label(ref checksum);
        code.Push(WordRegister.C);
        c.mov(eax, code.Memory(address));
        c.mov(edx, code.Memory(address.Plus(sizeof(uint))));
        c.mov(ecx, code.Memory(size));
        code.Call(GuestMemory.PrintChecksum);
        report.EndLine();
        code.Pop(WordRegister.C);
        EmitText(code, report, "module-command-line", Place.At(WordRegister.B, HvmModlistEntry.Layout.Offset.CmdlinePaddr));
        c.inc(ebp);
        code.Add(WordRegister.B, HvmModlistEntry.Layout.Size);
        c.jmp(next);
    }

    private static void EmitBlob(ReportWriter report, string key, Place address, Place size)
    {
        report.Key(key);
        report.Hexadecimal(address, sizeof(ulong));
        report.Text(" ");
        report.Decimal(size, sizeof(ulong));
        report.EndLine();
    }
}
