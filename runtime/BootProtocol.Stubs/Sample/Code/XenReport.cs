using BootProtocol.LinuxX86;
using BootProtocol.Rules;
using BootProtocol.Sample.Linking;
using BootProtocol.Xen;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Code;

/// <summary>Reports what start_info says, and reads everything that it leads to.</summary>
/// <remarks>
/// The pointer may also be one to a zero page whose hardware_subarch is Xen: hardware_subarch_data then points to start_info. Addresses in
/// that zero page may be virtual or pseudo-physical.
/// </remarks>
internal static class XenReport
{
    public const string Print = "report_xen";

    /// <summary>
    /// Leaves the address of start_info in di, or sets the carry flag if the entry's pointer does not lead there. Changes a, d and si.
    /// </summary>
    public const string FindStartInfo = "find_start_info";

    private const uint TextMagic = 0x2d6e6578; // "xen-"

    /// <summary>Addresses below this much of 32-bit pseudo-physical memory are not taken for virtual ones.</summary>
    private const uint HighestPhysical32 = XenHole.Start32 - 0xc0000000;

    public static void Emit(GuestProgram program)
    {
        GuestCode code = program.Code;
        Assembler c = code.Asm;
        var report = new ReportWriter(program);
        var info = new XenStartInfo(program.Word);
        Label found = c.CreateLabel();
        Label lost = c.CreateLabel();

        EmitFindStartInfo(code);
        code.Define(Print);
        code.Call(FindStartInfo);
        c.jc(lost);
        code.Load(WordRegister.Source, EntryState.Field(EntryState.Pointer));
        code.Compare(WordRegister.Destination, WordRegister.Source);
        c.je(found);
        code.Push(WordRegister.Destination);
        code.Move(WordRegister.Destination, WordRegister.Source);
        code.Call(LinuxReport.Print);
        code.Pop(WordRegister.Destination);
        c.Label(ref found);
        EmitLimit(code, info);

        report.Key("magic");
        code.Move(WordRegister.Source, WordRegister.Destination);
        c.mov(ecx, XenStartInfo.MagicLength);
        code.Call(TextPrinter.Foreign);
        report.EndLine();
        EmitFields(code, report, info);
        report.Key("command-line");
        code.LoadAddress(WordRegister.Source, info.CommandLine);
        c.mov(ecx, XenStartInfo.CommandLineLength);
        code.Call(TextPrinter.Foreign);
        report.EndLine();
        EmitInitrd(code, report, info);
        EmitFrameList(code, report, info);
        code.Call(PageWalk.Print);
        code.Call(PageTableWrite.Print);
        c.ret();

        c.Label(ref lost);
        report.Line("magic: none");
        c.mov(al, PowerOff.Failure);
        code.Jump(PowerOff.Go);
    }

    private static void EmitFindStartInfo(GuestCode code)
    {
        Assembler c = code.Asm;
        Label found = c.CreateLabel();
        Label lost = c.CreateLabel();
        code.Define(FindStartInfo);
        code.Load(WordRegister.A, Place.Of(GuestMemory.VirtualBase));
        code.Store(Place.Of(GuestMemory.Offset), WordRegister.A);
        if (!code.IsWide)
        {
            // Until start_info has been read, which has the size of memory: what is mapped at most.
            c.mov(eax, HighestPhysical32);
            code.Store(Place.Of(GuestMemory.Limit), WordRegister.A);
        }

        code.Load(WordRegister.Destination, EntryState.Field(EntryState.Pointer));
        c.cmp(__dword_ptr[code.Memory(Place.At(WordRegister.Destination))], TextMagic);
        c.je(found);
        Place machine = Place.At(WordRegister.Destination, SetupHeader.Layout.Offset.HardwareSubarch);
        c.cmp(__dword_ptr[code.Memory(machine)], (int)X86HardwareSubarch.Xen);
        c.jne(lost);
        Place pointer = Place.At(WordRegister.Destination, SetupHeader.Layout.Offset.HardwareSubarchData);
        c.mov(eax, code.Memory(pointer));
        c.mov(edx, code.Memory(pointer.Plus(sizeof(uint))));
        code.Call(GuestMemory.ToPointer);
        c.jc(lost);
        code.Move(WordRegister.Destination, WordRegister.Source);
        c.cmp(__dword_ptr[code.Memory(Place.At(WordRegister.Destination))], TextMagic);
        c.je(found);
        c.Label(ref lost);
        c.stc();
        c.ret();
        c.Label(ref found);
        c.clc();
        c.ret();
    }

    /// <summary>Addresses of the domain's memory are now known: those below its size are pseudo-physical.</summary>
    private static void EmitLimit(GuestCode code, XenStartInfo info)
    {
        Assembler c = code.Asm;
        code.Load(WordRegister.A, info.Pages);
        if (!code.IsWide)
        {
            Label small = c.CreateLabel();
            c.cmp(eax, (int)(HighestPhysical32 >> X86Page.Shift));
            c.jbe(small);
            c.mov(eax, HighestPhysical32 >> X86Page.Shift);
            c.Label(ref small);
        }

        code.ShiftLeft(WordRegister.A, X86Page.Shift);
        code.Store(Place.Of(GuestMemory.Limit), WordRegister.A);
    }

    private static void EmitFields(GuestCode code, ReportWriter report, XenStartInfo info)
    {
        int word = code.WordBytes;
        report.DecimalLine("pages", info.Pages, word);
        report.HexadecimalLine("shared-info", info.SharedInfo, word);
        report.HexadecimalLine("flags", info.Flags, sizeof(uint));
        report.HexadecimalLine("store-mfn", info.StoreMfn, word);
        report.DecimalLine("store-evtchn", info.StoreEventChannel, sizeof(uint));
        report.HexadecimalLine("console-mfn", info.ConsoleMfn, word);
        report.DecimalLine("console-evtchn", info.ConsoleEventChannel, sizeof(uint));
        report.HexadecimalLine("pt-base", info.PageTables, word);
        report.DecimalLine("pt-frames", info.PageTableFrames, word);
        report.HexadecimalLine("mfn-list", info.FrameList, word);
        report.HexadecimalLine("mod-start", info.ModuleStart, word);
        report.DecimalLine("mod-len", info.ModuleLength, word);
        report.HexadecimalLine("first-p2m-pfn", info.FirstFrameListPfn, word);
        report.DecimalLine("p2m-frames", info.FrameListFrames, word);
    }

    private static void EmitInitrd(GuestCode code, ReportWriter report, XenStartInfo info)
    {
        Assembler c = code.Asm;
        Label none = c.CreateLabel();
        Label unmapped = c.CreateLabel();
        code.Load(WordRegister.C, info.ModuleLength);
        c.test(ecx, ecx);
        c.jz(none);
        report.Key("initrd");
        report.Hexadecimal(info.ModuleStart, code.WordBytes);
        report.Text(" ");
        report.Decimal(info.ModuleLength, code.WordBytes);
        report.EndLine();
        report.Key("initrd-crc32");
        c.test(__dword_ptr[code.Memory(info.Flags)], (uint)StartInfoFlags.ModuleStartIsPfn);
        c.jnz(unmapped);
        code.Load(WordRegister.Source, info.ModuleStart);
        code.Call(Checksum.Compute);
        c.xor(edx, edx);
        code.Call(NumberPrinter.Hexadecimal);
        report.EndLine();
        c.jmp(none);
        c.Label(ref unmapped);
        report.Line("not mapped");
        c.Label(ref none);
        c.nop();
    }

    /// <summary>Reads the whole physical-to-machine list.</summary>
    private static void EmitFrameList(GuestCode code, ReportWriter report, XenStartInfo info)
    {
        Assembler c = code.Asm;
        report.Key("p2m-crc32");
        code.Load(WordRegister.Source, info.FrameList);
        code.Load(WordRegister.C, info.Pages);
        code.ShiftLeft(WordRegister.C, code.IsWide ? (byte)3 : (byte)2);
        code.Call(Checksum.Compute);
        c.xor(edx, edx);
        code.Call(NumberPrinter.Hexadecimal);
        report.EndLine();
    }
}
