using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Relocate;
using BootProtocol.Rules;

namespace BootProtocol.Domains;

/// <summary>The plan for a kernel that decompresses itself: the protected-mode part of its bzImage, entered by the boot protocol.</summary>
/// <remarks>
/// It is loaded where it prefers to run. Then what it needs is one range: it moves its packed part to the end of that, and decompresses to
/// the start (arch/x86/boot/compressed/head_64.S and head_32.S).
/// </remarks>
internal sealed class LinuxImagePlan : LinuxKernelPlan
{
    private const uint HighStart = 1 << 20;
    private const uint LongModeEntry = 0x200;
    private ReadOnlyMemory<byte> _part;

    public override bool DecompressesItself => true;

    protected override string Name => "protected-mode code";

    /// <summary>Makes the plan.</summary>
    /// <exception cref="BootException">The kernel cannot be started so, or not where the caller wants it.</exception>
    public static LinuxImagePlan Make(Kernel kernel, LinuxHeader header, LinuxBootBuilder builder, MemoryMap map)
    {
        BootImage image = kernel.Payload.Image;
        Check(kernel.Payload, header, builder);
        ReadOnlyMemory<byte> part = image.Memory[image.SetupLength..image.ContentLength];
        ulong window = Math.Max((ulong)part.Length, header.InitSize ?? 0);
        (Paddr start, string reason) = Place(header, builder, window, map);
        if (start.Value % X86Page.Size != 0)
            throw Fault("the address of a page", start);
        WordSize word = header.Fields.Xloadflags.HasFlag(XloadFlags.Kernel64) ? WordSize.Bits64 : WordSize.Bits32;
        ulong entry = start.Value + (builder.Mode == WordSize.Bits64 ? LongModeEntry : 0);
        return new LinuxImagePlan
        {
            _part = part,
            Placement = new KernelPlacement(word, start, (ulong)part.Length, start, 0, entry),
            Window = window,
            Reason = reason,
        };
    }

    public override void Load(GuestMemory memory) => _part.CopyTo(memory.Claim(Placement.Start, _part.Length));

    private static void Check(KernelPayload payload, LinuxHeader header, LinuxBootBuilder builder)
    {
        if (!header.IsOfKernel)
            throw new BootRequestException(
                BootErrorCode.NotPossible, "kernel", BootWays.Name(builder.Way), null, "a bzImage, whose code decompresses it", "a kernel without one");
        if (!header.Fields.Loadflags.HasFlag(LoadFlags.LoadedHigh))
        {
            throw LinuxHeader.Fault(
                "loadflags", SetupHeader.Layout.Offset.Loadflags, "LOADED_HIGH: code for 1 MiB or above", "a zImage, for 0x10000");
        }

        if (builder.Mode == WordSize.Bits64 && !header.Fields.Xloadflags.HasFlag(XloadFlags.Kernel64))
        {
            throw LinuxHeader.Fault(
                "xloadflags",
                SetupHeader.Layout.Offset.Xloadflags,
                "XLF_KERNEL_64, the flag of a 64-bit entry",
                $"0x{(ushort)header.Fields.Xloadflags:x}");
        }

        if (builder.Kaslr != Kaslr.None)
        {
            string expected = "none: a kernel that decompresses itself chooses its own place (\"nokaslr\" keeps it from that)";
            throw new BootRequestException(BootErrorCode.NotAllowed, "relocations", "offset", null, expected, "one");
        }

        payload.Image.EnsureComplete();
        if (ImageBootRules.GeneralReason(payload) is { } reason)
            throw new BootRequestException(BootErrorCode.NotPossible, "kernel", BootWays.Name(builder.Way), null, "a kernel that can be started so", reason);
    }

    private static (Paddr Start, string Reason) Place(LinuxHeader header, LinuxBootBuilder builder, ulong window, MemoryMap map)
    {
        SetupHeader fields = header.Fields;
        ulong alignment = header.Alignment;
        Paddr preferred = fields.PrefAddress is { Value: > 0 } address
            ? address
            : new Paddr(header.IsRelocatable ? (HighStart + alignment - 1) & ~(alignment - 1) : HighStart);
        if (builder.KernelAddress is { } wish)
        {
            if (wish != preferred && !header.IsRelocatable)
                throw Fault($"{preferred}, as the kernel is not relocatable", wish);
            CheckAddress(header, builder.Mode, wish, preferred, alignment);
            return (wish, "where the caller wants it");
        }

        string usual = fields.PrefAddress is null ? "where protocols before 2.10 load it" : "pref_address";
        if (!header.IsRelocatable || map.IsRam(preferred, window))
            return (preferred, usual);
        Paddr found = new RegionMap(map).FindLowest("kernel", window, alignment, preferred, new Paddr(Limit32));
        return (found, $"there is not enough memory at its pref_address, {preferred}; the next place by kernel_alignment");
    }
}
