using BootProtocol.Elf;
using BootProtocol.Xen;

namespace BootProtocol.Rules;

/// <summary>Why a kernel cannot be started as a guest of Xen, by the rules of Xen's own domain builder and in its order.</summary>
internal static class XenBootRules
{
    private const string Interface = "xen-3.0";

    /// <summary>Why not as PVH; null if there is no reason.</summary>
    public static string? PvhReason(ElfFile kernel)
    {
        if (kernel.Notes.Xen.Phys32Entry is not { } entry)
            return "it has no note PHYS32_ENTRY";
        XenFeatureSet features = XenFeatureSet.Read(kernel);
        if ((FeatureReason(features) ?? FirstDomainReason(features)) is { } reason)
            return reason;
        (Paddr start, Paddr end) = XenGuestParameters.PhysicalRange(kernel);
        if (end.Value > uint.MaxValue + 1UL)
            return $"it ends at {end}, above 4 GiB";
        return entry < start || entry > end ? $"its PHYS32_ENTRY {entry} lies outside of the kernel, {start} to {end}" : null;
    }

    /// <summary>Why not paravirtualised; null if there is no reason.</summary>
    public static string? PvReason(ElfFile kernel)
    {
        NoteTable notes = kernel.Notes;
        if (!notes.HasNotes(XenNotes.Layout.Owner) && notes.XenGuest is null)
            return "it has neither notes of Xen nor a section __xen_guest";
        return NoteReason(notes.Xen) ?? KernelReason(kernel, XenGuestParameters.Read(kernel));
    }

    private static string? NoteReason(XenNotes notes)
    {
        bool isKnown = StartsWith(notes.Loader, "generic") || StartsWith(notes.GuestOs, "linux");
        if (!isKnown)
            return $"it is neither for the generic loader nor Linux: LOADER is {Show(notes.Loader)}, GUEST_OS is {Show(notes.GuestOs)}";
        return StartsWith(notes.XenVersion, Interface) ? null : $"its XEN_VERSION is {Show(notes.XenVersion)}, not {Interface}";
    }

    private static string? KernelReason(ElfFile file, XenGuestParameters kernel)
    {
        if ((FeatureReason(kernel.Features) ?? FirstDomainReason(kernel.Features)) is { } reason)
            return reason;
        if (kernel.Features.Required.HasFlag(XenFeatures.AutoTranslatedPhysmap))
            return "it requires auto_translated_physmap, which no paravirtualised domain has";
        if (file.Word == WordSize.Bits32 && kernel.PaeMode == XenPaeMode.No)
            return "it is a 32-bit kernel without PAE, which no Xen since 3.1 starts";
        return AddressReason(kernel) ?? HoleReason(file.Word, kernel);
    }

    private static string? AddressReason(XenGuestParameters kernel)
    {
        if (kernel.HasPaddrOffset && !kernel.HasVirtualBase)
            return "it has PADDR_OFFSET without VIRT_BASE";
        if (kernel.Start > kernel.End || kernel.VirtualBase > kernel.Start)
            return $"it lies at {kernel.Start} to {kernel.End}, which is not above its VIRT_BASE {kernel.VirtualBase}";
        if (kernel.Entry < kernel.Start || kernel.Entry > kernel.End)
            return $"its entry {kernel.Entry} lies outside of the kernel, {kernel.Start} to {kernel.End}";
        return kernel.InitP2M is { } list && list >= kernel.Start && list < kernel.End
            ? $"its INIT_P2M {list} lies inside the kernel, {kernel.Start} to {kernel.End}"
            : null;
    }

    /// <summary>Its page tables map everything from VIRT_BASE on, so that all of it has to be apart from the hypervisor's hole.</summary>
    private static string? HoleReason(WordSize word, XenGuestParameters kernel)
    {
        var last = new Vaddr(Math.Max(kernel.VirtualBase.Value, unchecked(kernel.End.Value - 1)));
        return XenHole.Reason(word, kernel.VirtualBase, last) is { } reason ? $"its memory at {reason}" : null;
    }

    private static string? FeatureReason(XenFeatureSet features) =>
        features.UnknownRequired.IsEmpty ? null : $"it requires the unknown feature {ReasonText.Quote(features.UnknownRequired[0])}";

    private static string? FirstDomainReason(XenFeatureSet features) =>
        features.Required.HasFlag(XenFeatures.Dom0) ? "it runs as the first domain only" : null;

    private static bool StartsWith(string? text, string start) => text?.StartsWith(start, StringComparison.Ordinal) == true;

    private static string Show(string? text) => text is null ? "absent" : ReasonText.Quote(text);
}
