using BootProtocol.Elf;
using BootProtocol.Kernels;
using BootProtocol.Memory;
using BootProtocol.Relocate;

namespace BootProtocol.Build;

/// <summary>Where a PVH kernel goes.</summary>
/// <param name="Start">The physical address of its first byte.</param>
/// <param name="VirtualOffset">How much higher than linked its virtual addresses are, in bytes.</param>
/// <param name="Reason">Why it goes there.</param>
/// <remarks>
/// A kernel with the note PHYS32_RELOC finds out at its entry where it is, and takes any physical place that the note allows, whatever its
/// virtual addresses are. The entry of the others uses physical addresses that are computed from virtual ones when the kernel is
/// linked; the relocation lists move both, so that such a kernel can run at a virtual offset only if it lies as much higher itself.
/// </remarks>
internal sealed record PvhPlacement(Paddr Start, ulong VirtualOffset, string Reason)
{
    private const ulong DefaultAlignment64 = 2 << 20;
    private const ulong DefaultAlignment32 = 16 << 20;

    /// <summary>Chooses.</summary>
    /// <param name="kernel">The kernel; it has a segment to load.</param>
    /// <param name="kaslr">How much higher than linked it shall run.</param>
    /// <param name="wish">Where its first byte shall go; null where it was linked, or else where there is room.</param>
    /// <param name="map">What the guest has.</param>
    /// <exception cref="BootFormatException">The kernel cannot run there.</exception>
    public static PvhPlacement Choose(Kernel kernel, Kaslr kaslr, Paddr? wish, MemoryMap map)
    {
        (Paddr linked, Paddr end) = XenKernel.PhysicalRange(kernel.Elf);
        ulong length = end.Value - linked.Value;
        var limits = XenRelocation.Read(kernel.Elf);
        ulong offset = 0;
        if (kaslr.IsRandom || kaslr.Offset != 0)
        {
            ulong needed = Math.Max(length, (ulong)kernel.Length);
            var slots = KaslrSlots.For(kernel.Elf.Word, linked, needed, AlignmentOf(kernel, limits));
            offset = (limits is null ? InMemory(slots, end, map) : slots).Choose(kaslr);
        }

        return limits is null ? Bound(linked, offset, wish) : Free(linked, length, offset, wish, limits, map);
    }

    private static ulong AlignmentOf(Kernel kernel, XenRelocation? limits)
    {
        if (limits is not null)
            return Checked(limits.Alignment, "xen_elfnote", "PHYS32_RELOC");
        if (kernel.Payload.Image.HasSetupHeader && kernel.Payload.Image.SetupHeader.KernelAlignment is { } alignment)
            return Checked(alignment, "setup_header", "kernel_alignment");
        return kernel.Elf.Word == WordSize.Bits64 ? DefaultAlignment64 : DefaultAlignment32;
    }

    private static ulong Checked(ulong alignment, string structure, string field) =>
        ulong.IsPow2(alignment) && alignment >= GuestMemory.PageSize
            ? alignment
            : throw new BootFormatException(structure, field, null, "an alignment of a power of two, a page or more", $"0x{alignment:x}");

    /// <summary>The slots at which the kernel still lies below the end of the guest's memory.</summary>
    private static KaslrSlots InMemory(KaslrSlots slots, Paddr end, MemoryMap map)
    {
        ulong top = 0;
        foreach (MemoryRange range in map.Ranges)
        {
            if (range.Type == LinuxX86.E820Type.Ram)
                top = Math.Max(top, range.End.Value);
        }

        ulong room = top < end.Value ? 0 : (top - end.Value) & ~(slots.Step - 1);
        return slots with { Last = Math.Min(slots.Last, room) };
    }

    private static PvhPlacement Bound(Paddr linked, ulong offset, Paddr? wish)
    {
        var start = new Paddr(linked.Value + offset);
        if (wish is { } place && place != start)
            throw Fault($"{start}: the kernel has no note PHYS32_RELOC, and can be nowhere else", place);
        return new PvhPlacement(start, offset, offset == 0
            ? "where it was linked: it has no note PHYS32_RELOC, and can be nowhere else"
            : $"0x{offset:x} above where it was linked, as its virtual addresses: it has no note PHYS32_RELOC, and needs both");
    }

    private static PvhPlacement Free(Paddr linked, ulong length, ulong offset, Paddr? wish, XenRelocation limits, MemoryMap map)
    {
        ulong alignment = Checked(limits.Alignment, "xen_elfnote", "PHYS32_RELOC");
        if (wish is { } place)
        {
            if (place.Value % alignment != 0 || place < limits.Minimum || (UInt128)place.Value + length - 1 > limits.Maximum.Value)
            {
                string range = $"from {limits.Minimum} on, its end up to {limits.Maximum}";
                throw Fault($"a multiple of 0x{alignment:x} {range} (note PHYS32_RELOC)", place);
            }

            return new PvhPlacement(place, offset, "as asked for; its note PHYS32_RELOC allows it");
        }

        if (map.IsRam(linked, length))
            return new PvhPlacement(linked, offset, "where it was linked");
        Paddr? other = new RegionMap(map).TryFindLowest(length, alignment, limits.Minimum, new Paddr(limits.Maximum.Value + 1));
        return other is { } found
            ? new PvhPlacement(found, offset, $"the lowest place that its note PHYS32_RELOC allows: at {linked}, its own, is no memory")
            : new PvhPlacement(linked, offset, "where it was linked: its note PHYS32_RELOC allows no place that is memory");
    }

    private static BootFormatException Fault(string expected, Paddr found) => new("kernel", "start", null, expected, found.ToString());
}
