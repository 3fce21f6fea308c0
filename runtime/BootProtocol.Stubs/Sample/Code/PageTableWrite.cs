using BootProtocol.Sample.Linking;
using BootProtocol.Xen;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Code;

/// <summary>Tries to write to one of a PV guest's own page tables, which has to fault.</summary>
/// <remarks>
/// The guest cannot install handlers itself; it asks the hypervisor to by hypercall set_trap_table. A stub in the hypervisor's place needs that
/// one call, and starts the handler when the fault comes; what else it pushes on the stack does not matter.
/// </remarks>
internal static class PageTableWrite
{
    /// <summary>Tries it, for start_info at di. Changes a, b, c, d and si.</summary>
    public const string Print = "report_page_table_write";

    private const string Traps = "page_table_write_traps";
    private const string SavedStack = "page_table_write_stack";
    private const string Handler = "page_table_write_fault";
    private const byte PageFault = 14;

    public static void Emit(GuestProgram program)
    {
        GuestCode code = program.Code;
        Assembler c = code.Asm;
        var report = new ReportWriter(program);
        var info = new XenStartInfo(program.Word);
        Label refused = c.CreateLabel();
        Label done = c.CreateLabel();
        Define(program);

        code.Define(Print);
        report.Key("page-table-write");
        code.Push(WordRegister.Destination);
        code.Store(Place.Of(SavedStack), WordRegister.Stack);
        code.MoveAddress(HypervisorCall.First(code), Traps);
        HypervisorCall.Emit(code, Hypercall.SetTrapTable);
        code.Load(WordRegister.Destination, Place.At(WordRegister.Stack));
        c.test(eax, eax);
        c.jnz(refused);
        code.Load(WordRegister.B, info.PageTables);
        code.Load(WordRegister.A, Place.At(WordRegister.B));
        code.Store(Place.At(WordRegister.B), WordRegister.A); // what is there already: nothing breaks if it works
        report.Text("written");
        c.jmp(done);

        code.Define(Handler);
        code.Load(WordRegister.Stack, Place.Of(SavedStack));
        report.Text("fault");
        c.jmp(done);
        c.Label(ref refused);
        report.Text("no handler");
        c.Label(ref done);
        report.EndLine();
        code.Pop(WordRegister.Destination);
        c.ret();
    }

    private static void Define(GuestProgram program)
    {
        bool wide = program.Word == WordSize.Bits64;
        int address = wide ? TrapInfo.Layout.Offset64.Address : TrapInfo.Layout.Offset32.Address;
        int size = wide ? TrapInfo.Layout.Size64 : TrapInfo.Layout.Size32;
        ushort selector = wide ? (ushort)FlatSelector64.Ring3Code64 : (ushort)FlatSelector32.Ring1Code;
        DataBlock data = program.Variables;
        data.Align(8);
        data.Define(SavedStack);
        data.Zeros(sizeof(ulong));
        data.Define(Traps);
        data.Bytes([PageFault, 0, (byte)selector, (byte)(selector >> 8)]);
        data.Zeros(address - sizeof(uint));
        data.Address(Handler);
        data.Zeros(size); // the end of the table
    }
}
