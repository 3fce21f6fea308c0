using BootProtocol.Elf;
using BootProtocol.Xen;

namespace BootProtocol.Rules;

/// <summary>What a kernel asks for as a guest of Xen PV: its notes, or their forerunner, and what follows from them.</summary>
/// <remarks>
/// Virtual addresses come from physical ones: <c>p_paddr - PADDR_OFFSET + VIRT_BASE</c>. The segments' own virtual addresses are not
/// used, because many kernels have a segment at 0 there.
/// </remarks>
/// <example><code>
/// XenGuestParameters parameters = XenGuestParameters.Read(kernel.Elf);
/// Console.WriteLine($"entered at {parameters.Entry}, {parameters.Start} to {parameters.End}, hypercall page {parameters.HypercallPage}");
/// </code></example>
public sealed class XenGuestParameters
{
    private XenGuestParameters(ElfFile file)
    {
        XenNotes notes = file.Notes.Xen;
        HasVirtualBase = file.Notes.TryFindNote(XenNotes.Layout.Owner, XenNotes.Number.VirtBase, out _);
        HasPaddrOffset = file.Notes.TryFindNote(XenNotes.Layout.Owner, XenNotes.Number.PaddrOffset, out _);
        VirtualBase = notes.VirtBase;
        PaddrOffset = notes.PaddrOffset;
        PaeMode = file.Notes.XenGuest is { } legacy
            ? XenPaeModes.FromXenGuest(legacy["PAE"])
            : XenPaeModes.FromNote(notes.PaeMode);
        Features = XenFeatureSet.Read(file);
        InitP2M = notes.InitP2M;
        WantsBsdSymbols = notes.BsdSymtab == "yes";
        HypercallPage = notes.HypercallPage;
        TakesUnmappedModule = notes.ModStartPfn != 0;

        ulong delta = unchecked(VirtualBase.Value - PaddrOffset);
        (Paddr start, Paddr end) = PhysicalRange(file);
        Start = new Vaddr(unchecked(start.Value + delta));
        End = new Vaddr(unchecked(end.Value + delta));
        Entry = notes.Entry ?? file.Header.Entry;
    }

    /// <summary>The virtual address of the first instruction: <c>ENTRY</c>, else the ELF file's own.</summary>
    public Vaddr Entry { get; }

    /// <summary>The virtual address of the guest's frame 0; 0 if the kernel does not say.</summary>
    public Vaddr VirtualBase { get; }

    /// <summary>What is taken from the segments' physical addresses; 0 if the kernel does not say.</summary>
    public ulong PaddrOffset { get; }

    /// <summary>The virtual address of the kernel's first byte.</summary>
    public Vaddr Start { get; }

    /// <summary>The virtual address behind the kernel's last byte in memory.</summary>
    public Vaddr End { get; }

    /// <summary>How the kernel uses PAE paging; of no meaning for 64-bit kernels.</summary>
    public XenPaeMode PaeMode { get; }

    /// <summary>The features that it supports and requires.</summary>
    public XenFeatureSet Features { get; }

    /// <summary>The virtual address at which its physical-to-machine list is to be mapped; null for the usual place.</summary>
    public Vaddr? InitP2M { get; }

    /// <summary>Whether its symbols are to be loaded behind it.</summary>
    public bool WantsBsdSymbols { get; }

    /// <summary>The page that is to be filled with the entries of hypercalls; null if it has none.</summary>
    public Vaddr? HypercallPage { get; }

    /// <summary>Whether its boot module, the initial ramdisk, need not be mapped.</summary>
    public bool TakesUnmappedModule { get; }

    internal bool HasVirtualBase { get; }

    internal bool HasPaddrOffset { get; }

    /// <summary>Reads what a kernel says.</summary>
    /// <exception cref="BootFormatException">Notes or sections are broken.</exception>
    public static XenGuestParameters Read(ElfFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return new XenGuestParameters(file);
    }

    /// <summary>The physical addresses from a kernel's first byte to behind its last one; from 0 to 0 if nothing is to be loaded.</summary>
    internal static (Paddr Start, Paddr End) PhysicalRange(ElfFile file)
    {
        if (file.LoadSegments.IsEmpty)
            return default;
        Paddr end = default;
        foreach (Segment segment in file.LoadSegments)
            end = segment.PhysicalEnd > end ? segment.PhysicalEnd : end;
        return (file.LoadSegments[0].PhysicalAddress, end);
    }
}
