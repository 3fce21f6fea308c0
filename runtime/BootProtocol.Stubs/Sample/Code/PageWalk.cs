using BootProtocol.Rules;
using BootProtocol.Sample.Linking;
using BootProtocol.X86;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Code;

/// <summary>Walks a PV guest's page tables as they are mapped for it, and reads every page that they map.</summary>
/// <remarks>
/// The tables hold machine frames. Those of the tables themselves are looked up among the frames at pt_base; tables that are not there,
/// such as the hypervisor's own and those of a list moved by note INIT_P2M, are counted as foreign.
/// </remarks>
internal static class PageWalk
{
    /// <summary>Prints cr3 and what the walk found, for start_info at di. Changes a, b, c, d and si.</summary>
    public const string Print = "report_page_tables";

    private const string Walk = "walk_table";
    private const string FindTable = "walk_find_table";
    private const string ReadPage = "walk_read_page";

    private const string Tables = "walk_tables";
    private const string TableFrames = "walk_table_frames";
    private const string TableMfns = "walk_table_mfns";
    private const string MappedPages = "walk_mapped_pages";
    private const string ReadOnlyPages = "walk_read_only_pages";
    private const string ForeignTables = "walk_foreign_tables";
    private const string Sum = "walk_sum";

    private const int EntryBytes = sizeof(ulong);
    private const int BitsPerLevel = 9;

    /// <summary>A 64-bit Xen keeps 2 to this power addresses for itself.</summary>
    private const byte HypervisorShift = 43;

    /// <summary>Bits of an address that 4 levels translate.</summary>
    private const byte UnusedBits = 64 - X86Page.Shift - (4 * BitsPerLevel);

    public static void Emit(GuestProgram program)
    {
        GuestCode code = program.Code;
        foreach (string variable in (ReadOnlySpan<string>)[Tables, TableFrames, TableMfns, MappedPages, ReadOnlyPages, ForeignTables, Sum])
            program.Reserved.Reserve(variable, sizeof(ulong), sizeof(ulong));
        EmitPrint(program);
        EmitWalk(code);
        EmitFindTable(code);
        EmitReadPage(code);
    }

    private static void EmitPrint(GuestProgram program)
    {
        GuestCode code = program.Code;
        Assembler c = code.Asm;
        var report = new ReportWriter(program);
        var info = new XenStartInfo(program.Word);

        code.Define(Print);
        code.Load(WordRegister.Source, info.PageTables);
        code.Store(Place.Of(Tables), WordRegister.Source);
        code.Load(WordRegister.A, info.PageTableFrames);
        code.Store(Place.Of(TableFrames), WordRegister.A);

        // Where the list holds the machine frames of the tables.
        code.Move(WordRegister.B, WordRegister.Source);
        code.Subtract(WordRegister.B, Place.Of(GuestMemory.VirtualBase));
        code.ShiftRight(WordRegister.B, code.IsWide ? (byte)(X86Page.Shift - 3) : (byte)(X86Page.Shift - 2));
        code.Add(WordRegister.B, info.FrameList);
        code.Store(Place.Of(TableMfns), WordRegister.B);

        report.Key("cr3");
        code.Load(WordRegister.A, Place.At(WordRegister.B));
        if (code.IsWide)
        {
            c.shl(rax, X86Page.Shift);
            c.mov(rdx, rax);
            c.shr(rdx, 32);
            c.mov(eax, eax);
        }
        else
        {
            c.mov(edx, eax);
            c.shr(edx, 32 - X86Page.Shift);
            c.shl(eax, X86Page.Shift);
        }

        code.Call(NumberPrinter.Hexadecimal);
        report.EndLine();

        code.Push(WordRegister.Destination);
        c.mov(ecx, code.IsWide ? 4 : 3);
        c.xor(ebx, ebx);
        code.Call(Walk);
        code.Pop(WordRegister.Destination);
        report.DecimalLine("mapped-pages", Place.Of(MappedPages), sizeof(uint));
        report.DecimalLine("read-only-pages", Place.Of(ReadOnlyPages), sizeof(uint));
        report.DecimalLine("foreign-tables", Place.Of(ForeignTables), sizeof(uint));
        report.HexadecimalLine("mapped-sum", Place.Of(Sum), sizeof(uint));
        c.ret();
    }

    /// <summary>Walks the table at si, of level ecx, that translates addresses from b on. Changes a, d and di.</summary>
    private static void EmitWalk(GuestCode code)
    {
        Assembler c = code.Asm;
        Label entry = c.CreateLabel();
        Label skip = c.CreateLabel();
        Label leaf = c.CreateLabel();
        Label foreign = c.CreateLabel();
        Place low = Place.At(WordRegister.Source, WordRegister.Destination, EntryBytes);

        code.Define(Walk);
        c.xor(edi, edi);
        c.Label(ref entry);
        c.mov(eax, code.Memory(low));
        c.mov(edx, code.Memory(low.Plus(sizeof(uint))));
        c.test(al, (int)Pte.Present);
        c.jz(skip);

        code.Push(WordRegister.B, WordRegister.C, WordRegister.Source, WordRegister.Destination);
        EmitAddress(code);
        EmitLeaveToHypervisor(code, foreign);
        c.cmp(ecx, 1);
        c.je(leaf);
        c.shrd(eax, edx, X86Page.Shift);
        code.Call(FindTable);
        c.jc(foreign);
        c.dec(ecx);
        code.Call(Walk);
        Label next = c.CreateLabel();
        c.jmp(next);
        c.Label(ref foreign);
        c.inc(__dword_ptr[code.Memory(Place.Of(ForeignTables))]);
        c.jmp(next);
        c.Label(ref leaf);
        code.Call(ReadPage);
        c.Label(ref next);
        code.Pop(WordRegister.B, WordRegister.C, WordRegister.Source, WordRegister.Destination);

        c.Label(ref skip);
        c.inc(edi);
        if (!code.IsWide)
        {
            Label full = c.CreateLabel();
            c.cmp(ecx, 3);
            c.jne(full);
            c.cmp(edi, 4); // the top table of PAE
            c.jb(entry);
            c.ret();
            c.Label(ref full);
        }

        c.cmp(edi, X86Page.Size / EntryBytes);
        c.jb(entry);
        c.ret();
    }

    /// <summary>Adds to b what entry edi of a table of level ecx stands for.</summary>
    private static void EmitAddress(GuestCode code)
    {
        Assembler c = code.Asm;
        Label shift = c.CreateLabel();
        c.mov(esi, ecx);
        code.ShiftLeft(WordRegister.Destination, X86Page.Shift);
        c.Label(ref shift);
        c.dec(esi);
        Label done = c.CreateLabel();
        c.jz(done);
        code.ShiftLeft(WordRegister.Destination, BitsPerLevel);
        c.jmp(shift);
        c.Label(ref done);
        code.Add(WordRegister.B, WordRegister.Destination);
        if (code.IsWide)
        {
            c.shl(rbx, UnusedBits);
            c.sar(rbx, UnusedBits);
        }
    }

    /// <summary>
    /// Goes on elsewhere for addresses at b that are the hypervisor's: there it shows the guest's own tables once more. Changes si.
    /// </summary>
    private static void EmitLeaveToHypervisor(GuestCode code, Label target)
    {
        Assembler c = code.Asm;
        if (code.IsWide)
        {
            c.mov(rsi, rbx);
            c.shr(rsi, HypervisorShift);
            c.cmp(esi, (int)(XenHole.Start64 >> HypervisorShift));
            c.je(target);
        }
        else
        {
            c.cmp(ebx, XenHole.Start32);
            c.jae(target);
        }
    }

    /// <summary>Finds the table in machine frame eax and points si to it; sets the carry flag if it is none of the guest's.</summary>
    private static void EmitFindTable(GuestCode code)
    {
        Assembler c = code.Asm;
        Label next = c.CreateLabel();
        Label lost = c.CreateLabel();
        Label found = c.CreateLabel();

        code.Define(FindTable);
        code.Push(WordRegister.C);
        code.Load(WordRegister.D, Place.Of(TableMfns));
        code.Load(WordRegister.Source, Place.Of(Tables));
        c.mov(ecx, code.Memory(Place.Of(TableFrames)));
        c.Label(ref next);
        c.sub(ecx, 1);
        c.jb(lost);
        c.cmp(eax, code.Memory(Place.At(WordRegister.D)));
        c.je(found);
        code.Add(WordRegister.D, code.WordBytes);
        code.Add(WordRegister.Source, X86Page.Size);
        c.jmp(next);
        c.Label(ref found);
        c.clc();
        c.Label(ref lost);
        code.Pop(WordRegister.C);
        c.ret();
    }

    /// <summary>Adds up the page at b, whose entry is in eax. Changes a, c and si.</summary>
    private static void EmitReadPage(GuestCode code)
    {
        Assembler c = code.Asm;
        Label next = c.CreateLabel();
        Label writable = c.CreateLabel();

        code.Define(ReadPage);
        c.inc(__dword_ptr[code.Memory(Place.Of(MappedPages))]);
        c.test(al, (int)Pte.Writable);
        c.jnz(writable);
        c.inc(__dword_ptr[code.Memory(Place.Of(ReadOnlyPages))]);
        c.Label(ref writable);
        c.mov(ecx, X86Page.Size / sizeof(uint));
        code.Move(WordRegister.Source, WordRegister.B);
        c.xor(eax, eax);
        c.Label(ref next);
        c.add(eax, code.Memory(Place.At(WordRegister.Source)));
        code.Add(WordRegister.Source, sizeof(uint));
        c.dec(ecx);
        c.jnz(next);
        c.add(code.Memory(Place.Of(Sum)), eax);
        c.ret();
    }
}
