using BootProtocol.Sample.Linking;
using BootProtocol.X86;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Sample.Code;

/// <summary>
/// The guest's own page tables, where no hypervisor made any: physical memory at its own addresses, and the image at the address that it is
/// linked for (and relocated to), all in pages of 2 MiB.
/// </summary>
internal static class PageTables
{
    /// <summary>How much physical memory a 64-bit guest reaches, in GiB.</summary>
    public const int Gigabytes64 = 64;

    /// <summary>The virtual address of the image, a word.</summary>
    public const string ImageAddress = "image_address";

    /// <summary>Flags of an entry that leads to a table.</summary>
    public const uint Table = (uint)(Pml4e.Present | Pml4e.Writable);

    /// <summary>Flags of an entry that maps a page of 2 MiB.</summary>
    public const uint LargePage = (uint)(Pde2M.Present | Pde2M.Writable | Pde2M.PageSize);

    private const int EntryBytes = sizeof(ulong);
    private const int EntriesPerTable = X86Page.Size / EntryBytes;
    private const int Gigabytes32 = 4;
    private const uint TopEntryPae = (uint)PdptePae.Present;

    private const string Top5 = "page_tables_5";
    private const string Top = "page_tables_top";
    private const string Level3 = "page_tables_3";
    private const string Level3Image = "page_tables_3_image";
    private const string Level2 = "page_tables_2";
    private const string Level2Image = "page_tables_2_image";

    /// <summary>Sets the memory of the tables aside.</summary>
    public static void Define(GuestProgram program)
    {
        program.Variables.Align(8);
        program.Variables.Define(ImageAddress);
        program.Variables.Address(GuestEntry.Image);
        ReservedBlock reserved = program.Reserved;
        if (program.Word == WordSize.Bits32)
        {
            reserved.Reserve(Level2, Gigabytes32 * X86Page.Size, X86Page.Size);
            reserved.Reserve(Top, Gigabytes32 * EntryBytes, 32);
            return;
        }

        reserved.Reserve(Top5, X86Page.Size, X86Page.Size);
        reserved.Reserve(Top, X86Page.Size, X86Page.Size);
        reserved.Reserve(Level3, X86Page.Size, X86Page.Size);
        reserved.Reserve(Level3Image, X86Page.Size, X86Page.Size);
        reserved.Reserve(Level2, Gigabytes64 * X86Page.Size, X86Page.Size);
        reserved.Reserve(Level2Image, X86Page.Size, X86Page.Size);
    }

    /// <summary>
    /// Fills the tables and leaves the physical address of the top one in a. Changes a, b, c, d and di. The state's image field has to be
    /// set; with 32 bits ebp has to point to the image.
    /// </summary>
    /// <param name="code">Where the code goes: of 32 bits, or of 64.</param>
    /// <param name="word">The guest's word size.</param>
    public static void EmitFill(GuestCode code, WordSize word)
    {
        Assembler c = code.Asm;
        int gigabytes = word == WordSize.Bits32 ? Gigabytes32 : Gigabytes64;

        c.mov(eax, LargePage);
        c.xor(edx, edx);
        EmitEntries(code, Level2, gigabytes * EntriesPerTable, 1u << X86Page.LargeShift);

        EmitPhysical(code, Level2, word == WordSize.Bits32 ? TopEntryPae : Table);
        EmitEntries(code, word == WordSize.Bits32 ? Top : Level3, gigabytes, X86Page.Size);

        // The image: with 32 bits in the same tables, with 64 in some of its own, as it may lie anywhere in the topmost 2 GiB.
        c.mov(ebx, code.Memory(Place.Early(ImageAddress)));
        c.shr(ebx, X86Page.LargeShift);
        if (word == WordSize.Bits64)
            c.and(ebx, EntriesPerTable - 1);
        code.LoadAddress(WordRegister.Destination, Place.Early(word == WordSize.Bits32 ? Level2 : Level2Image));
        EmitImagePage(code);
        if (word == WordSize.Bits32)
        {
            EmitPhysical(code, Top, 0);
            return;
        }

        c.mov(ebx, code.Memory(Place.Early(ImageAddress)));
        c.shr(ebx, 30);
        c.or(ebx, EntriesPerTable - 4);
        EmitPhysical(code, Level2Image, Table);
        code.LoadAddress(WordRegister.Destination, Place.Early(Level3Image));
        EmitEntry(code);

        EmitTop(code, Top, Level3, Level3Image);
        EmitTop(code, Top5, Top, Top);
        EmitPhysical(code, Top, 0);
        if (code.IsWide)
            EmitChoiceOfTop(code);
    }

    /// <summary>With five levels the loader's choice has to stay: the mode cannot be changed without leaving long mode.</summary>
    private static void EmitChoiceOfTop(GuestCode code)
    {
        Assembler c = code.Asm;
        Label done = c.CreateLabel();
        code.LoadAddress(WordRegister.A, Place.Early(Top));
        c.mov(rbx, cr4);
        c.test(ebx, (uint)Cr4.La57);
        c.jz(done);
        code.LoadAddress(WordRegister.A, Place.Early(Top5));
        c.Label(ref done);
        c.nop();
    }

    /// <summary>A top table with an entry for low addresses and one for the highest.</summary>
    private static void EmitTop(GuestCode code, string table, string low, string high)
    {
        code.LoadAddress(WordRegister.Destination, Place.Early(table));
        code.Asm.xor(ebx, ebx);
        EmitPhysical(code, low, Table);
        EmitEntry(code);
        code.Asm.mov(ebx, EntriesPerTable - 1);
        EmitPhysical(code, high, Table);
        EmitEntry(code);
    }

    /// <summary>The entry of the image's large page in table di, at index ebx.</summary>
    private static void EmitImagePage(GuestCode code)
    {
        Assembler c = code.Asm;
        c.mov(eax, code.Memory(EntryState.Early(EntryState.Image)));
        c.mov(edx, code.Memory(EntryState.Early(EntryState.Image + sizeof(uint))));
        c.or(eax, LargePage);
        EmitEntry(code);
    }

    /// <summary>Stores edx and eax as entry ebx of table di.</summary>
    private static void EmitEntry(GuestCode code)
    {
        code.Asm.mov(code.Memory(Place.At(WordRegister.Destination, WordRegister.B, EntryBytes)), eax);
        code.Asm.mov(code.Memory(Place.At(WordRegister.Destination, WordRegister.B, EntryBytes, sizeof(uint))), edx);
    }

    /// <summary>The physical address of a symbol, with flags, in edx and eax.</summary>
    private static void EmitPhysical(GuestCode code, string symbol, uint flags)
    {
        Assembler c = code.Asm;
        c.mov(eax, code.Memory(EntryState.Early(EntryState.Image)));
        c.mov(edx, code.Memory(EntryState.Early(EntryState.Image + sizeof(uint))));
        c.add(eax, code.OffsetOf(symbol) + (int)flags);
        c.adc(edx, 0);
    }

    /// <summary>Stores edx and eax as the first entry of a table, and what grows by a step from there as the others.</summary>
    private static void EmitEntries(GuestCode code, string table, int count, uint step)
    {
        Assembler c = code.Asm;
        Label next = c.CreateLabel();
        code.LoadAddress(WordRegister.Destination, Place.Early(table));
        c.mov(ecx, count);
        c.Label(ref next);
        c.mov(code.Memory(Place.At(WordRegister.Destination)), eax);
        c.mov(code.Memory(Place.At(WordRegister.Destination, sizeof(uint))), edx);
        c.add(eax, step);
        c.adc(edx, 0);
        code.Add(WordRegister.Destination, EntryBytes);
        c.dec(ecx);
        c.jnz(next);
    }
}
