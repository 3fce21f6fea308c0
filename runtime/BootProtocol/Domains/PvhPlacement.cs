using BootProtocol.Kernels;
using BootProtocol.Memory;
using BootProtocol.Relocate;
using BootProtocol.Rules;

namespace BootProtocol.Domains;

/// <summary>Where a PVH kernel goes.</summary>
/// <param name="Start">The physical address of its first byte.</param>
/// <param name="VirtualOffset">How much higher than linked its virtual addresses are, in bytes.</param>
/// <param name="Reason">Why it goes there.</param>
/// <remarks>
/// A kernel with the note PHYS32_RELOC finds out at its entry where it is, and takes any physical place that the note allows, whatever its
/// virtual addresses are; or, if it finds that out by a note (<see cref="PvhEntryNote"/>), any that is at least as much above its own. The
/// entry of the others uses physical addresses that are computed from virtual ones when the kernel is linked; the relocation lists move
/// both, so that such a kernel can run at a virtual offset only if it lies as much higher itself.
/// </remarks>
internal sealed record PvhPlacement(Paddr Start, ulong VirtualOffset, string Reason)
{
    private const ulong DefaultAlignment64 = X86Page.LargeSize;
    private const ulong DefaultAlignment32 = 16 << 20;

    /// <summary>Chooses.</summary>
    /// <param name="kernel">The kernel; it has a segment to load.</param>
    /// <param name="builder">How much higher than linked it shall run, and where its first byte shall go.</param>
    /// <param name="map">What the guest has.</param>
    /// <param name="isTiedBelow">Whether its entry takes no place that is less above its own than its virtual addresses are.</param>
    /// <param name="highestOffset">The highest virtual offset to be chosen at random.</param>
    /// <exception cref="BootException">The kernel cannot run there.</exception>
    public static PvhPlacement Choose(Kernel kernel, PvhBuilder builder, MemoryMap map, bool isTiedBelow, ulong highestOffset)
    {
        (Paddr linked, Paddr end) = XenGuestParameters.PhysicalRange(kernel.Elf);
        ulong length = end.Value - linked.Value;
        Kaslr kaslr = builder.Kaslr;
        Paddr? wish = builder.KernelAddress;
        var limits = XenRelocation.Read(kernel.Elf);
        ulong offset = 0;
        if (kaslr.IsRandom || kaslr.Offset != 0)
        {
            ulong needed = Math.Max(length, (ulong)kernel.Length);
            var slots = KaslrSlots.For(kernel.Elf.Word, linked, needed, AlignmentOf(kernel, limits));
            if (limits is null)
                slots = UpTo(slots, RoomAbove(end, map));
            else if (kaslr.IsRandom && isTiedBelow)
                slots = UpTo(slots, Math.Max((wish ?? HighestStart(linked, length, limits, map)).Value, linked.Value) - linked.Value);
            offset = (kaslr.IsRandom ? UpTo(slots, highestOffset) : slots).Choose(kaslr);
        }

        return limits is null ? Bound(linked, offset, wish) : Free(linked, length, offset, wish, limits, map, isTiedBelow);
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
        ulong.IsPow2(alignment) && alignment >= X86Page.Size
            ? alignment
            : throw new BootFormatException(
                BootErrorCode.BadValue, structure, field, null, "an alignment of a power of two, a page or more", $"0x{alignment:x}");

    /// <summary>Bytes between the kernel where it was linked and the end of the guest's memory.</summary>
    private static ulong RoomAbove(Paddr end, MemoryMap map)
    {
        ulong top = end.Value;
        foreach (MemoryRange range in map.Ranges)
        {
            if (range.Type == LinuxX86.E820Type.Ram)
                top = Math.Max(top, range.End.Value);
        }

        return top - end.Value;
    }

    /// <summary>The highest place that the note and the guest's memory have; where it was linked if there is none above that.</summary>
    private static Paddr HighestStart(Paddr linked, ulong length, XenRelocation limits, MemoryMap map) =>
        new RegionMap(map).TryFindHighest(length, limits.Alignment, linked, new Paddr(limits.Maximum.Value + 1)) ?? linked;

    private static KaslrSlots UpTo(KaslrSlots slots, ulong highest) => slots with { Last = Math.Min(slots.Last, highest & ~(slots.Step - 1)) };

    private static PvhPlacement Bound(Paddr linked, ulong offset, Paddr? wish)
    {
        var start = new Paddr(linked.Value + offset);
        if (wish is { } place && place != start)
            throw Fault($"{start}: the kernel has no note PHYS32_RELOC, and can be nowhere else", place);
        return new PvhPlacement(start, offset, offset == 0
            ? "where it was linked: it has no note PHYS32_RELOC, and can be nowhere else"
            : $"0x{offset:x} above where it was linked, as its virtual addresses: it has no note PHYS32_RELOC, and needs both");
    }

    private static PvhPlacement Free(
        Paddr linked, ulong length, ulong offset, Paddr? wish, XenRelocation limits, MemoryMap map, bool isTiedBelow)
    {
        ulong alignment = Checked(limits.Alignment, "xen_elfnote", "PHYS32_RELOC");
        bool isTied = isTiedBelow && offset != 0;
        Paddr lowest = isTied && linked.Value + offset > limits.Minimum.Value ? new Paddr(linked.Value + offset) : limits.Minimum;
        string why = isTied ? $"; at least 0x{offset:x} above its own, {linked}, as its entry takes no smaller distance than its virtual one" : "";
        if (wish is { } place)
        {
            if (place.Value % alignment != 0 || place < lowest || (UInt128)place.Value + length - 1 > limits.Maximum.Value)
                throw Fault($"a multiple of 0x{alignment:x} from {lowest} on, its end up to {limits.Maximum} (note PHYS32_RELOC{why})", place);
            return new PvhPlacement(place, offset, "as asked for; its note PHYS32_RELOC allows it");
        }

        if (!isTied && map.IsRam(linked, length))
            return new PvhPlacement(linked, offset, "where it was linked");
        if (new RegionMap(map).TryFindLowest(length, alignment, lowest, new Paddr(limits.Maximum.Value + 1)) is { } found)
        {
            string reason = isTied ? why : $": at {linked}, its own, is no memory";
            return new PvhPlacement(found, offset, $"the lowest place that its note PHYS32_RELOC allows{reason}");
        }

        if (!isTied)
            return new PvhPlacement(linked, offset, "where it was linked: its note PHYS32_RELOC allows no place that is memory");
        string expected = $"0x{length:x} bytes free from {lowest} on, their end up to {limits.Maximum} (note PHYS32_RELOC{why})";
        throw new BootRequestException(BootErrorCode.NoRoom, "memory", "kernel", null, expected, "no such room");
    }

    private static BootRequestException Fault(string expected, Paddr found) =>
        new(BootErrorCode.NotAllowed, "kernel", "start", null, expected, found.ToString());
}
