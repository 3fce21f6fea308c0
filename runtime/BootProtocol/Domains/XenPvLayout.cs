using System.Globalization;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Rules;

namespace BootProtocol.Domains;

/// <summary>Which frames of a PV guest hold what, and which page tables that takes.</summary>
/// <remarks>
/// The order is that of Xen's public header xen.h, above start_info; where it leaves a choice, that of Xen's own domain builder
/// (tools/libs/guest/xg_dom_core.c and xg_dom_x86.c). Parts follow each other without a gap from frame 0 on.
/// </remarks>
internal sealed class XenPvLayout
{
    private const ulong PaddingPages = (512 << 10) / X86Page.Size;
    private const ulong EndAlignment = 4 << 20;

    private readonly WordSize _word;
    private readonly ulong _frameCount;
    private readonly Vaddr _base;
    private readonly RegionMap _regions;
    private ulong _next;

    private XenPvLayout(WordSize word, ulong frameCount, XenGuestParameters kernel)
    {
        _word = word;
        _frameCount = frameCount;
        _base = kernel.VirtualBase;
        var range = new MemoryRange(new Paddr(0), frameCount * X86Page.Size, E820Type.Ram);
        Map = new MemoryMap(frameCount == 0 ? [] : [range]);
        _regions = new RegionMap(Map);
        Tables = new XenPvTables(word);
    }

    /// <summary>The guest's memory: one range from 0 on.</summary>
    public MemoryMap Map { get; }

    /// <summary>What lies where, with reasons.</summary>
    public RegionMap Regions => _regions;

    /// <summary>The page tables: those of the layout, then those of a list apart from it.</summary>
    public XenPvTables Tables { get; }

    /// <summary>The address of the kernel's first byte.</summary>
    public Paddr Kernel { get; private set; }

    /// <summary>The first frame of the initial ramdisk; null if there is none.</summary>
    public Pfn? Initrd { get; private set; }

    /// <summary>Whether the initial ramdisk is mapped.</summary>
    public bool IsInitrdMapped { get; private set; }

    /// <summary>The first frame of the physical-to-machine list.</summary>
    public Pfn P2M { get; private set; }

    /// <summary>Frames of the list, without its page tables.</summary>
    public ulong P2MPages { get; private set; }

    /// <summary>The virtual address of the list.</summary>
    public Vaddr P2MAddress { get; private set; }

    /// <summary>Whether the list has page tables of its own, which lie behind it.</summary>
    public bool IsP2MApart { get; private set; }

    /// <summary>The frame of start_info.</summary>
    public Pfn StartInfo { get; private set; }

    /// <summary>The frame of the xenstore ring.</summary>
    public Pfn Xenstore { get; private set; }

    /// <summary>The frame of the console ring.</summary>
    public Pfn Console { get; private set; }

    /// <summary>The frame of the top page table.</summary>
    public Pfn TopTable { get; private set; }

    /// <summary>The frame of the stack.</summary>
    public Pfn Stack { get; private set; }

    /// <summary>The frame of boot_params; null if there are none.</summary>
    public Pfn? BootParams { get; private set; }

    /// <summary>The frame behind the last one that is mapped.</summary>
    public Pfn MappedEnd { get; private set; }

    /// <summary>The frame behind the last one that is laid out.</summary>
    public Pfn End => new(_next);

    /// <summary>Lays a guest out.</summary>
    /// <param name="kernel">What the kernel asks for.</param>
    /// <param name="word">Its word size.</param>
    /// <param name="symbolBytes">Bytes behind the kernel for its symbols.</param>
    /// <param name="initrdLength">Bytes of the initial ramdisk; 0 for none.</param>
    /// <param name="frameCount">The frames that the guest has.</param>
    /// <param name="withBootParams">Whether there are boot_params.</param>
    /// <param name="mapInitrd">Whether the initial ramdisk is mapped whatever the kernel asks for.</param>
    /// <exception cref="BootException">There is not enough memory, or something is at addresses that it cannot have.</exception>
    public static XenPvLayout Plan(
        XenGuestParameters kernel, WordSize word, ulong symbolBytes, ulong initrdLength, ulong frameCount, bool withBootParams, bool mapInitrd)
    {
        var layout = new XenPvLayout(word, frameCount, kernel);
        layout.PlaceKernel(kernel, symbolBytes);
        layout.IsInitrdMapped = initrdLength > 0 && (mapInitrd || !kernel.TakesUnmappedModule);
        if (layout.IsInitrdMapped)
        {
            string why = kernel.TakesUnmappedModule ? "its boot module is to be mapped" : "without MOD_START_PFN its boot module has to be mapped";
            layout.Initrd = layout.Take("initrd", initrdLength, $"the first page behind the kernel: {why}");
        }

        layout.PlaceBootPages(kernel, withBootParams);
        if (initrdLength > 0 && !layout.IsInitrdMapped)
        {
            const string Reason = "behind everything that is mapped: by MOD_START_PFN the kernel takes its boot module by frame number";
            layout.Initrd = layout.Take("initrd", initrdLength, Reason, isMapped: false);
        }

        if (layout.IsP2MApart)
            layout.PlaceP2MApart();
        return layout;
    }

    /// <summary>The virtual address of a frame that is mapped.</summary>
    public Vaddr AddressOf(Pfn frame) => new(_base.Value + (frame.Value * X86Page.Size));

    private void PlaceKernel(XenGuestParameters kernel, ulong symbolBytes)
    {
        Check("VIRT_BASE", _base, "VIRT_BASE");
        Check("p_paddr", kernel.Start, "the kernel's first byte");
        ulong start = kernel.Start.Value - _base.Value;
        Kernel = new Paddr(start);
        if (start > 0)
            Take("unused", start, "the kernel is linked that far above VIRT_BASE, where frame 0 is");
        string symbols = symbolBytes == 0 ? "" : "; its symbols follow it, as BSD_SYMTAB asks";
        ulong length = kernel.End.Value - kernel.Start.Value + symbolBytes;
        Take("kernel", length, $"p_paddr - PADDR_OFFSET: frame 0 is mapped at VIRT_BASE, {_base}{symbols}");

        static void Check(string field, Vaddr address, string what)
        {
            if (address.Value % X86Page.Size != 0)
                throw new BootFormatException(
                    BootErrorCode.BadValue, "kernel", field, null, $"{what} at the start of a page, as pages are mapped", $"{address}");
        }
    }

    private void PlaceBootPages(XenGuestParameters kernel, bool withBootParams)
    {
        ulong listBytes = P2MList.Size(_word, _frameCount);
        P2MPages = X86Page.Count(listBytes);

        // As Xen's own builder does: where it cannot be followed, the note is passed over.
        IsP2MApart = _word == WordSize.Bits64 && kernel.InitP2M is { } wish && wish < _base && wish.Value % X86Page.Size == 0;
        if (IsP2MApart)
        {
            P2MAddress = kernel.InitP2M!.Value;
        }
        else
        {
            P2M = Take("p2m", P2MPages * X86Page.Size, "behind the kernel and its initrd: one word for each frame of the guest");
            P2MAddress = AddressOf(P2M);
        }

        StartInfo = Take("start_info", X86Page.Size, "the next page: rsi or esi holds its virtual address");
        Xenstore = Take("xenstore", X86Page.Size, "the next page: the ring shared with xenstore");
        Console = Take("console", X86Page.Size, "the next page: the ring shared with the console");
        PlaceTables(withBootParams);
        Stack = Take("stack", X86Page.Size, "the page behind the page tables; the stack pointer starts at its end");
        if (withBootParams)
        {
            const string Reason = "behind the stack: up to there, the start-of-day order stays; mapped, as rsi or esi points at it";
            BootParams = Take("boot_params", X86Page.Size, Reason);
        }

        if (MappedEnd.Value > _next)
        {
            const string Reason = "mapped for the kernel's first use: at least 512 KiB, up to a multiple of 4 MiB";
            Take("padding", (MappedEnd.Value - _next) * X86Page.Size, Reason);
        }
    }

    /// <summary>Tables map themselves, so their number follows from the end that they map, and that end from their number.</summary>
    private void PlaceTables(bool withBootParams)
    {
        ulong others = PaddingPages + (withBootParams ? 2UL : 1);
        ulong bytes = others * X86Page.Size;
        ulong from = AddressOf(new Pfn(_next)).Value;
        PageTableMapping mapping;
        ulong last;
        do
        {
            last = unchecked(from + bytes) | (EndAlignment - 1);

            // The last address of all would be followed by 0.
            if (last < from || last == ulong.MaxValue)
            {
                string found = $"0x{from:x} and 0x{bytes:x} bytes";
                throw new BootFormatException(BootErrorCode.BadValue, "memory", "page tables", null, "a start-of-day layout below the last address", found);
            }

            if (XenHole.Reason(_word, _base, new Vaddr(last)) is { } reason)
                throw new BootFormatException(
                    BootErrorCode.BadValue, "memory", "page tables", null, "a start-of-day layout at the guest's own addresses", reason);
            ulong pages = ((last - _base.Value) / X86Page.Size) + 1;
            if (pages > _frameCount)
                throw TooSmall("page tables", $"{pages} pages mapped from frame 0 on");
            mapping = Tables.Plan(_base, new Vaddr(last), new Pfn(0), new Pfn(_next));
            bytes = ((ulong)mapping.TableCount + others) * X86Page.Size;
        }
        while (from + bytes > last + 1);
        Tables.Add(mapping);
        MappedEnd = new Pfn(((last - _base.Value) / X86Page.Size) + 1);
        TopTable = Take("page tables", (ulong)mapping.TableCount * X86Page.Size, Describe(mapping, "behind the console page"));
    }

    private void PlaceP2MApart()
    {
        ulong bytes = P2MPages * X86Page.Size;
        var last = new Vaddr(unchecked(P2MAddress.Value + bytes - 1));
        if (XenHole.Reason(_word, P2MAddress, last) is { } reason)
            throw new BootFormatException(BootErrorCode.BadValue, "note Xen", "INIT_P2M", null, "an address of the guest's own", reason);
        if (last >= _base)
        {
            string found = $"{P2MAddress} and 0x{bytes:x} bytes";
            throw new BootFormatException(BootErrorCode.BadValue, "note Xen", "INIT_P2M", null, $"room up to VIRT_BASE {_base}", found);
        }

        string place = $"behind everything else: the kernel asks for it at INIT_P2M, {P2MAddress}, apart from the rest";
        P2M = Take("p2m", bytes, place, isMapped: false, P2MAddress);
        PageTableMapping mapping = Tables.Plan(P2MAddress, last, P2M, new Pfn(_next));
        Tables.Add(mapping);
        if (mapping.TableCount > 0)
        {
            string tables = Describe(mapping, "behind the list that they map, not mapped themselves");
            Take("p2m page tables", (ulong)mapping.TableCount * X86Page.Size, tables, isMapped: false);
        }
    }

    private static string Describe(PageTableMapping mapping, string place)
    {
        var parts = new List<string>();
        for (int level = mapping.Levels.Length; level > 0; level--)
        {
            if (mapping.Levels[level - 1].Count is > 0 and var count)
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{count} of level {level}"));
        }

        return $"{place}: {string.Join(", ", parts)}";
    }

    /// <summary>Takes the next frames for something.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="bytes">Its bytes; more than 0. The rest of its last page stays empty.</param>
    /// <param name="reason">Why it lies there.</param>
    /// <param name="isMapped">Whether the guest sees it where frame 0 and all others are.</param>
    /// <param name="address">Where the guest sees it otherwise; null for nowhere.</param>
    /// <exception cref="BootException">The guest has not that many frames left.</exception>
    private Pfn Take(string name, ulong bytes, string reason, bool isMapped = true, Vaddr? address = null)
    {
        ulong pages = X86Page.Count(bytes);
        if (pages > _frameCount - _next)
            throw TooSmall(name, string.Create(CultureInfo.InvariantCulture, $"{pages} pages"));
        var first = new Pfn(_next);
        _regions.Add(new Region(name, first.ToPaddr(), bytes, reason) { Virtual = isMapped ? AddressOf(first) : address });
        _next += pages;
        return first;
    }

    private BootRequestException TooSmall(string name, string needed)
    {
        string found = string.Create(CultureInfo.InvariantCulture, $"{_frameCount} pages of memory, {_next} of them taken");
        return new BootRequestException(BootErrorCode.NoRoom, "memory", name, null, $"room for {needed}", found);
    }
}
