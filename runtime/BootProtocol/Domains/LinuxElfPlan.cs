using System.Collections.Immutable;
using BootProtocol.Elf;
using BootProtocol.Kernels;
using BootProtocol.Memory;
using BootProtocol.Relocate;
using BootProtocol.Rules;

namespace BootProtocol.Domains;

/// <summary>The plan for a kernel that is decompressed here, and entered where its ELF file says.</summary>
/// <remarks>
/// A 64-bit kernel runs at any physical address that is as aligned as a large page, whatever its virtual addresses are
/// (__startup_64 in arch/x86/kernel/head64.c, arch/x86/boot/startup/map_kernel.c from 6.15 on). A 32-bit kernel's virtual addresses are
/// its physical ones and 3 GiB: it moves by relocation only. Neither runs below where it was linked (LOAD_PHYSICAL_ADDR), as their
/// decompressor sees to.
/// </remarks>
internal sealed class LinuxElfPlan : LinuxKernelPlan
{
    public override bool DecompressesItself => false;

    protected override string Name => "kernel";

    public required Kernel Kernel { get; init; }

    /// <summary>Whether the kernel has to have relocation lists, even if it turned out that they are not used.</summary>
    public required bool NeedsRelocations { get; init; }

    /// <summary>Makes the plan.</summary>
    /// <exception cref="BootException">The kernel cannot be started so, or not where the caller wants it.</exception>
    public static LinuxElfPlan Make(Kernel kernel, LinuxHeader header, LinuxBootBuilder builder, MemoryMap map)
    {
        ElfFile elf = kernel.Elf;
        if (BootWays.LinuxReason(elf, builder.Mode, header.IsOfKernel) is { } reason)
            throw new BootRequestException(BootErrorCode.NotPossible, "kernel", BootWays.Name(builder.Way), null, "a kernel that can be started so", reason);
        ImmutableArray<Segment> segments = elf.LoadSegments;
        Paddr linked = segments[0].PhysicalAddress;
        ulong length = segments.Max(static segment => segment.PhysicalEnd.Value) - linked.Value;
        ulong window = Math.Max(length, header.InitSize ?? 0);
        var slots = KaslrSlots.For(elf.Word, linked, window, Math.Max(header.Alignment, header.LeastAlignment));
        bool isMoving = elf.Word == WordSize.Bits32;
        (Paddr start, string place) = builder.KernelAddress is { } wish
            ? (Checked(wish, linked, header, builder), "where the caller wants it")
            : (isMoving && builder.Kaslr != Kaslr.None)
                ? (Above(linked, Slots32(slots, builder.Kaslr, linked, window, map).Choose(builder.Kaslr)), "by relocation")
                : Usual(linked, window, header, map);
        ulong offset = isMoving ? Offset32(start, linked, window, header, builder) : slots.Choose(builder.Kaslr);
        return new LinuxElfPlan
        {
            Kernel = kernel,
            Placement = new KernelPlacement(elf.Word, start, length, linked, offset, start.Value + (elf.Header.Entry.Value - linked.Value)),
            Window = window,
            NeedsRelocations = builder.Kaslr.IsRandom || offset != 0,
            Reason = place,
        };
    }

    public override void Load(GuestMemory memory)
    {
        using var placer = KernelPlacer.Decode(Kernel, memory, unchecked(Placement.LinkedStart.Value - Placement.Start.Value));
        if (NeedsRelocations)
            placer.RequireRelocations();
        placer.Place(Placement.Start, Placement.VirtualOffset);
    }

    private static Paddr Checked(Paddr wish, Paddr linked, LinuxHeader header, LinuxBootBuilder builder)
    {
        if (wish != linked && header is { IsOfKernel: true, IsRelocatable: false })
            throw Fault($"{linked}, as the kernel is not relocatable", wish);
        ulong alignment = builder.Mode == WordSize.Bits64 ? Math.Max(X86Page.LargeSize, header.LeastAlignment) : header.LeastAlignment;
        CheckAddress(header, builder.Mode, wish, linked, alignment);
        return wish;
    }

    /// <summary>Where it was linked, if there is memory; else the next place, if it can be moved.</summary>
    private static (Paddr Start, string Reason) Usual(Paddr linked, ulong window, LinuxHeader header, MemoryMap map)
    {
        if (!header.IsRelocatable || map.IsRam(linked, window))
            return (linked, "where it was linked");
        Paddr found = new RegionMap(map).FindLowest("kernel", window, header.Alignment, linked, new Paddr(Limit32));
        return (found, $"there is not enough memory where it was linked, {linked}; the next place by kernel_alignment");
    }

    /// <summary>
    /// A random choice is made among the places up to where memory has its first hole; what the caller asks for is taken at its word.
    /// </summary>
    private static KaslrSlots Slots32(KaslrSlots slots, Kaslr kaslr, Paddr linked, ulong window, MemoryMap map)
    {
        if (!kaslr.IsRandom)
            return slots;
        // There may be as many as an alignment of one byte allows.
        ulong least = 0;
        ulong most = slots.Last / slots.Step;
        while (least < most)
        {
            ulong middle = least + ((most - least + 1) / 2);
            if (map.IsRam(Above(linked, slots.Step), ((middle - 1) * slots.Step) + window))
                least = middle;
            else
                most = middle - 1;
        }

        return slots with { Last = least * slots.Step };
    }

    /// <summary>The virtual offset that follows from a 32-bit kernel's place.</summary>
    private static ulong Offset32(Paddr start, Paddr linked, ulong window, LinuxHeader header, LinuxBootBuilder builder)
    {
        ulong distance = start.Value - linked.Value;
        Kaslr kaslr = builder.Kaslr;
        if (builder.KernelAddress is not null && (kaslr.IsRandom || (kaslr.Offset != 0 && kaslr.Offset != distance)))
        {
            string expected = $"no offset, or 0x{distance:x}: a 32-bit kernel's virtual addresses move with its place, {start}";
            throw new BootRequestException(
                BootErrorCode.NotAllowed, "relocations", "offset", null, expected, kaslr.IsRandom ? "a random one" : $"0x{kaslr.Offset:x}");
        }

        return KaslrSlots.For(WordSize.Bits32, linked, window, header.LeastAlignment).Choose(Kaslr.At(distance));
    }

    private static Paddr Above(Paddr address, ulong distance) => new(address.Value + distance);
}
