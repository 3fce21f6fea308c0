using BootProtocol.Memory;
using BootProtocol.X86;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Stubs;

/// <summary>
/// The page tables of a hypervisor stub. There are two sets: one to turn paging on with, which maps the stub at its physical and at its
/// virtual address, and one for the domain: its own tables under a copy of the topmost, to which the hypervisor's part is added, so that the
/// domain's memory stays as it was built.
/// </summary>
internal sealed class HypervisorTables(HypervisorLayout layout)
{
    private const int EntryBytes = sizeof(ulong);
    private const int Entries = PageTable.EntryCount;

    /// <summary>The lowest GiB, in large pages.</summary>
    private const int Lowest = HypervisorLayout.Tables;

    private const int Level3 = Lowest + X86Page.Size;
    private const int BootTop64 = Level3 + X86Page.Size;
    private const int DomainTop64 = BootTop64 + X86Page.Size;
    private const int HypervisorEntry64 = (int)(HypervisorLayout.Start64 >> 39 & (Entries - 1));

    /// <summary>With PAE: the topmost GiB, the domain's part of which is copied from its own table.</summary>
    private const int Topmost32 = Lowest + X86Page.Size;

    private const int BootTop32 = Topmost32 + X86Page.Size;
    private const int DomainTop32 = BootTop32 + (TopEntries32 * EntryBytes);
    private const int TopEntries32 = 4;
    private const int HypervisorEntry32 = (int)(HypervisorLayout.Start32 >> 21 & (Entries - 1));

    private const ulong LargePage = (ulong)(Pde2M.Present | Pde2M.Writable | Pde2M.PageSize);

    /// <summary>The physical address of the tables to start with.</summary>
    public uint Boot => layout.Physical(layout.IsWide ? BootTop64 : BootTop32);

    /// <summary>The physical address of the tables for the domain.</summary>
    public uint Domain => layout.Physical(layout.IsWide ? DomainTop64 : DomainTop32);

    private uint Source => (uint)layout.Options.PageTables.Value;

    /// <summary>Writes what does not depend on the domain.</summary>
    public void Write(Span<byte> stub)
    {
        for (int i = 0; i < Entries; i++)
            Put(stub, Lowest, i, (ulong)i << X86Page.LargeShift, LargePage);
        if (!layout.IsWide)
        {
            // The stub may reach into a second large page.
            Put(stub, Topmost32, HypervisorEntry32, layout.FirstLargePage, LargePage);
            Put(stub, Topmost32, HypervisorEntry32 + 1, layout.FirstLargePage + X86Page.LargeSize, LargePage);
            Put(stub, BootTop32, 0, layout.Physical(Lowest), (ulong)PdptePae.Present);
            Put(stub, BootTop32, TopEntries32 - 1, layout.Physical(Topmost32), (ulong)PdptePae.Present);
            return;
        }

        Put(stub, Level3, 0, layout.Physical(Lowest), HypervisorLayout.Table);
        foreach (int entry in (int[])[0, HypervisorEntry64])
            Put(stub, BootTop64, entry, layout.Physical(Level3), HypervisorLayout.Table);
    }

    /// <summary>Emits code of 32 bits, without paging, that makes the tables for the domain. Changes all registers but esp.</summary>
    public void EmitMake(Assembler c)
    {
        if (layout.IsWide)
            EmitMake64(c);
        else
            EmitMake32(c);
    }

    private void EmitMake64(Assembler c)
    {
        Label table = c.CreateLabel();
        Label done = c.CreateLabel();
        c.mov(esi, Source);
        c.mov(ecx, 4);
        c.call(table);
        c.mov(esi, Source);
        c.mov(edi, Domain);
        c.mov(ecx, X86Page.Size / sizeof(uint));
        c.rep.movsd();
        c.mov(__dword_ptr[Domain + (HypervisorEntry64 * EntryBytes)], layout.Physical(Level3) | (uint)HypervisorLayout.Table);
        c.mov(__dword_ptr[Domain + (HypervisorEntry64 * EntryBytes) + sizeof(uint)], 0);
        c.jmp(done);
        EmitPromote(c, ref table);
        c.Label(ref done);
        c.nop();
    }

    /// <summary>
    /// Emits a routine that lets ring 3 use what the table at esi, of level ecx, maps. A 64-bit domain's kernel runs there, but its entries
    /// say nothing of users: Xen adds that when it takes the tables over (adjust_guest_l1e in xen/arch/x86/mm.c), and so does this.
    /// </summary>
    private static void EmitPromote(Assembler c, ref Label table)
    {
        Label next = c.CreateLabel();
        Label leaf = c.CreateLabel();
        Label skip = c.CreateLabel();
        c.Label(ref table);
        c.xor(edi, edi);
        c.Label(ref next);
        c.mov(eax, __dword_ptr[esi + (edi * EntryBytes)]);
        c.test(al, (int)Pte.Present);
        c.jz(skip);
        c.cmp(ecx, 1);
        c.je(leaf);
        c.push(esi);
        c.push(edi);
        c.and(eax, -X86Page.Size);
        c.mov(esi, eax);
        c.dec(ecx);
        c.call(table);
        c.inc(ecx);
        c.pop(edi);
        c.pop(esi);
        c.jmp(skip);
        c.Label(ref leaf);
        c.or(__dword_ptr[esi + (edi * EntryBytes)], (int)Pte.User);
        c.Label(ref skip);
        c.inc(edi);
        c.cmp(edi, Entries);
        c.jb(next);
        c.ret();
    }

    /// <summary>
    /// The processor's top table allows fewer bits than the domain's, which is made for a hypervisor that reads it as any other table. Ring 1
    /// may use all pages of the supervisor: nothing has to change below.
    /// </summary>
    private void EmitMake32(Assembler c)
    {
        Label empty = c.CreateLabel();
        for (uint i = 0; i < TopEntries32; i++)
        {
            c.mov(eax, __dword_ptr[Source + (i * EntryBytes)]);
            c.mov(edx, __dword_ptr[Source + (i * EntryBytes) + sizeof(uint)]);
            c.and(eax, -X86Page.Size | (int)PdptePae.Present);
            c.mov(__dword_ptr[Domain + (i * EntryBytes)], eax);
            c.mov(__dword_ptr[Domain + (i * EntryBytes) + sizeof(uint)], edx);
        }

        c.mov(__dword_ptr[Domain + ((TopEntries32 - 1) * EntryBytes)], layout.Physical(Topmost32) | (uint)PdptePae.Present);
        c.mov(__dword_ptr[Domain + ((TopEntries32 - 1) * EntryBytes) + sizeof(uint)], 0);
        c.test(al, (int)PdptePae.Present);
        c.jz(empty);
        c.and(eax, -X86Page.Size);
        c.mov(esi, eax);
        c.mov(edi, layout.Physical(Topmost32));
        c.mov(ecx, HypervisorEntry32 * EntryBytes / sizeof(uint));
        c.rep.movsd();
        c.Label(ref empty);
        c.nop();
    }

    private static void Put(Span<byte> stub, int table, int index, ulong address, ulong bits) =>
        PageTable.Write(stub.Slice(table, X86Page.Size), index, address, bits);
}
