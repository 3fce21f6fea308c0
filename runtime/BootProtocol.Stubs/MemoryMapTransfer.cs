using BootProtocol.LinuxX86;
using BootProtocol.Xen;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Stubs;

/// <summary>
/// The part of an entry stub that takes the monitor's memory map and RSDP over. Its code has the monitor's hvm_start_info in ebx, and changes
/// all general registers but ebx and esp.
/// </summary>
internal static class MemoryMapTransfer
{
    private const uint StartInfoMagic = 0x336ec578;

    /// <summary>How many entries the zero page holds.</summary>
    private const int ZeroPageEntries = 128;

    /// <summary>What a boot_e820_entry lacks of a hvm_memmap_table_entry; up to there they are the same.</summary>
    private const int Difference = HvmMemmapTableEntry.Layout.Size - BootE820Entry.Layout.Size;

    /// <summary>The size of the memory for entries, in bytes.</summary>
    public static long SizeOf(EntryMode mode, int entries) => mode == EntryMode.Pvh
        ? (long)entries * HvmMemmapTableEntry.Layout.Size
        : SetupData.Layout.Size + ((long)entries * BootE820Entry.Layout.Size);

    public static void Emit(Assembler c, EntryStubOptions options)
    {
        Label done = c.CreateLabel();
        c.cmp(__dword_ptr[ebx + HvmStartInfo.Layout.Offset.Magic], StartInfoMagic);
        c.jne(done);
        if (options.TakeRsdp)
            EmitRsdp(c, options);
        if (options.TakeMemoryMap)
            EmitMemoryMap(c, options, done);
        c.Label(ref done);
        c.nop();
    }

    private static void EmitRsdp(Assembler c, EntryStubOptions options)
    {
        Label none = c.CreateLabel();
        int offset = options.Mode == EntryMode.Pvh ? HvmStartInfo.Layout.Offset.RsdpPaddr : BootParams.Layout.Offset.AcpiRsdpAddr;
        uint target = (uint)options.Parameters.Value + (uint)offset;
        c.mov(eax, __dword_ptr[ebx + HvmStartInfo.Layout.Offset.RsdpPaddr]);
        c.mov(edx, __dword_ptr[ebx + (HvmStartInfo.Layout.Offset.RsdpPaddr + sizeof(uint))]);
        c.mov(ecx, eax);
        c.or(ecx, edx);
        c.jz(none);
        c.mov(__dword_ptr[target], eax);
        c.mov(__dword_ptr[target + sizeof(uint)], edx);
        c.Label(ref none);
        c.nop();
    }

    private static void EmitMemoryMap(Assembler c, EntryStubOptions options, Label done)
    {
        uint parameters = (uint)options.Parameters.Value;
        c.cmp(__dword_ptr[ebx + HvmStartInfo.Layout.Offset.Version], 1);
        c.jb(done);
        c.cmp(__dword_ptr[ebx + (HvmStartInfo.Layout.Offset.MemmapPaddr + sizeof(uint))], 0);
        c.jne(done); // out of reach, and against the protocol
        c.mov(esi, __dword_ptr[ebx + HvmStartInfo.Layout.Offset.MemmapPaddr]);
        c.test(esi, esi);
        c.jz(done);
        c.mov(edx, __dword_ptr[ebx + HvmStartInfo.Layout.Offset.MemmapEntries]);
        c.test(edx, edx);
        c.jz(done);

        if (options.Mode == EntryMode.Pvh)
        {
            MemoryMapRoom room = options.MemoryMapRoom!.Value;
            EmitTake(c, room.Entries);
            c.mov(__dword_ptr[parameters + (uint)HvmStartInfo.Layout.Offset.MemmapEntries], eax);
            c.mov(__dword_ptr[parameters + (uint)HvmStartInfo.Layout.Offset.MemmapPaddr], (uint)room.Address.Value);
            c.mov(__dword_ptr[parameters + (uint)HvmStartInfo.Layout.Offset.MemmapPaddr + sizeof(uint)], 0);
            c.mov(edi, (uint)room.Address.Value);
            EmitCopy(c, HvmMemmapTableEntry.Layout.Size);
            return;
        }

        EmitTake(c, ZeroPageEntries);
        c.mov(__byte_ptr[parameters + (uint)BootParams.Layout.Offset.E820Entries], al);
        c.mov(edi, parameters + (uint)BootParams.Layout.Offset.E820Table);
        EmitCopy(c, BootE820Entry.Layout.Size);
        if (options.MemoryMapRoom is { } more)
        {
            EmitTake(c, more.Entries);
            c.imul(ecx, eax, BootE820Entry.Layout.Size);
            c.mov(__dword_ptr[(uint)more.Address.Value + (uint)SetupData.Layout.Offset.Len], ecx);
            c.mov(edi, (uint)more.Address.Value + (uint)SetupData.Layout.Size);
            EmitCopy(c, BootE820Entry.Layout.Size);
        }
    }

    /// <summary>Takes as many of the edx entries that are left as there is room for: their number is in eax then.</summary>
    private static void EmitTake(Assembler c, int room)
    {
        Label fits = c.CreateLabel();
        c.mov(eax, edx);
        c.cmp(eax, room);
        c.jbe(fits);
        c.mov(eax, room);
        c.Label(ref fits);
        c.sub(edx, eax);
    }

    /// <summary>Copies eax entries of the monitor's table, from esi on, to edi: as many bytes of each as are asked for.</summary>
    private static void EmitCopy(Assembler c, int size)
    {
        Label next = c.CreateLabel();
        Label done = c.CreateLabel();
        c.Label(ref next);
        c.sub(eax, 1);
        c.jb(done);
        c.mov(ecx, size / sizeof(uint));
        c.rep.movsd();
        if (size != HvmMemmapTableEntry.Layout.Size)
            c.add(esi, Difference);
        c.jmp(next);
        c.Label(ref done);
        c.nop();
    }
}
