using BootProtocol.Memory;

namespace BootProtocol.Verify;

/// <summary>What the checks of a domain's layout share.</summary>
/// <param name="Image">The domain.</param>
/// <param name="Machine">Its frames by machine frames.</param>
/// <param name="Space">Its mappings.</param>
/// <param name="StartInfo">The virtual address of start_info, which is mapped.</param>
/// <param name="TopTable">The frame of its top page table.</param>
internal sealed record StartOfDay(XenPvImage Image, MachineMap Machine, AddressSpace Space, Vaddr StartInfo, Pfn TopTable)
{
    /// <summary>The virtual address of frame 0, by the place of start_info.</summary>
    public Vaddr Base { get; } = new(unchecked(StartInfo.Value - (Space.Find(StartInfo)!.Value.Value * X86Page.Size)));

    /// <summary>Bytes of an entry of the P2M list.</summary>
    public int EntrySize { get; } = Image.Word == WordSize.Bits64 ? sizeof(ulong) : sizeof(uint);

    /// <summary>Bytes of the P2M list, whole pages.</summary>
    public ulong ListLength => X86Page.Count(Image.FrameCount * (ulong)EntrySize) * X86Page.Size;

    /// <summary>The virtual address behind the last page that is mapped without a gap from frame 0 on.</summary>
    public Vaddr End { get; } = FindEnd(Space, StartInfo);

    /// <summary>Whether a list lies in the layout; otherwise it is mapped apart.</summary>
    public bool IsInLayout(Vaddr address) => address >= Base && address < End;

    private static Vaddr FindEnd(AddressSpace space, Vaddr from)
    {
        Vaddr at = from;
        while (space.IsMapped(at))
            at = new Vaddr(unchecked(at.Value + X86Page.Size));
        return at;
    }
}
