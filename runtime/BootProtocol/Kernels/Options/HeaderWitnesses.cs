using System.Collections.Immutable;
using BootProtocol.Decompress;
using BootProtocol.Images;
using BootProtocol.LinuxX86;

namespace BootProtocol.Kernels.Options;

/// <summary>What sections, notes, the header and the code in front of the payload prove of options.</summary>
internal static class HeaderWitnesses
{
    /// <summary>Options and their sections.</summary>
    private static readonly ImmutableArray<OptionWitness> _sections =
    [
        new("MITIGATION_RETHUNK", ".return_sites", Since: OptionWitness.Mitigations),
        new("RETHUNK", ".return_sites", Until: OptionWitness.Mitigations - 1),
        new("MITIGATION_CALL_DEPTH_TRACKING", ".call_sites"),
        new("X86_KERNEL_IBT", ".ibt_endbr_seal"),
        new("UNWINDER_ORC", ".orc_unwind"),
        new("DEBUG_INFO_BTF", ".BTF"),
        new("MODVERSIONS", "__kcrctab"),
    ];

    /// <summary>What the code that decompresses the kernel says where it cannot move it; without the option it has no such code.</summary>
    private static ReadOnlySpan<byte> Randomizer => "Physical KASLR disabled: no suitable memory region!\0"u8;

    /// <summary>What sections and notes of a kernel prove.</summary>
    public static IEnumerable<KernelOption> OfKernel(Kernel kernel, int version)
    {
        // Where sections have no names, one that is not found may be there all the same.
        bool haveNames = kernel.Elf.Sections.Any(static section => section.Type != Elf.SectionType.Null && section.Name.Length > 0);
        foreach (OptionWitness witness in _sections.Where(witness => haveNames && witness.IsFor(version)))
        {
            if (kernel.Elf.Sections.TryFind(witness.Names, out _))
                yield return Is(witness.Option, $"section {witness.Names}");
            else if (version <= OptionWitness.Newest)
                yield return IsNot(witness.Option, $"no section {witness.Names}");
        }

        yield return Of("64BIT", kernel.Elf.Word == WordSize.Bits64, "ELF file of 64 bits", "ELF file of 32 bits");
        if (version >= OptionWitness.First)
            yield return Of("PVH", kernel.Notes.Xen.Phys32Entry is not null, "note PHYS32_ENTRY", "no note PHYS32_ENTRY");
        yield return IsNot("IKCONFIG", "no mark IKCFG_ST");
    }

    /// <summary>What an image around the kernel proves; nothing if it is no bzImage.</summary>
    public static IEnumerable<KernelOption> OfImage(KernelPayload payload, WordSize word, int version)
    {
        BootImage image = payload.Image;
        if (!image.HasSetupHeader || image.Kind != ImageKind.BzImage || version < OptionWitness.First)
            return [];
        List<KernelOption> found = [];
        SetupHeader header = image.SetupHeader;
        found.Add(Of("RELOCATABLE", header.RelocatableKernel != 0, "relocatable_kernel is 1", "relocatable_kernel is 0"));
        found.Add(Of("EFI_STUB", image.TryGetPe(out _), "PE header", "no PE header"));
        bool isWide = header.Xloadflags.HasFlag(XloadFlags.EfiHandover64);
        bool isNarrow = header.Xloadflags.HasFlag(XloadFlags.EfiHandover32);
        if (version >= OptionWitness.Linux(6, 1))
            found.Add(Of("EFI_HANDOVER_PROTOCOL", isWide || isNarrow, "XLF_EFI_HANDOVER flags", "no XLF_EFI_HANDOVER flag"));
        if (word == WordSize.Bits64 && isWide)
            found.Add(Of("EFI_MIXED", isNarrow, "XLF_EFI_HANDOVER_32", "no XLF_EFI_HANDOVER_32"));
        if (word == WordSize.Bits64 && version <= OptionWitness.Linux(6, 12))
            found.Add(Of("X86_5LEVEL", header.Xloadflags.HasFlag(XloadFlags.FiveLevelEnabled), "XLF_5LEVEL_ENABLED", "no XLF_5LEVEL_ENABLED"));
        if (payload.Origin == PayloadOrigin.Header)
            AddPayload(found, payload, version);
        return found;
    }

    private static void AddPayload(List<KernelOption> found, KernelPayload payload, int version)
    {
        string name = PayloadFormats.Name(payload.Format);
        foreach (PayloadFormat format in Enum.GetValues<PayloadFormat>().Where(static format => format != PayloadFormat.None))
        {
            string option = $"KERNEL_{PayloadFormats.Name(format).ToUpperInvariant()}";
            found.Add(Of(option, format == payload.Format, $"payload of {name}", $"payload of {name}"));
        }

        ReadOnlySpan<byte> image = payload.Image.Bytes;
        bool canMove = image[..payload.Offset].IndexOf(Randomizer) >= 0 || image[(payload.Offset + payload.Length)..].IndexOf(Randomizer) >= 0;
        if (canMove || version <= OptionWitness.Newest)
            found.Add(Of("RANDOMIZE_BASE", canMove, "text of its code in the image", "no text of its code in the image"));
    }

    private static KernelOption Of(string option, bool isBuiltIn, string witness, string absence) =>
        isBuiltIn ? Is(option, witness) : IsNot(option, absence);

    private static KernelOption Is(string option, string witness) => new(option, KernelOptionState.BuiltIn, null, witness);

    private static KernelOption IsNot(string option, string witness) => new(option, KernelOptionState.NotBuiltIn, null, witness);
}
