using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.LinuxX86;

namespace BootProtocol.Domains;

/// <summary>What a kernel's setup header states for its boot loader.</summary>
/// <remarks>
/// A kernel that comes as a plain ELF file has no such header, and gets one of ours. As Linux's own entry for PVH does
/// (arch/x86/platform/pvh/enlighten.c), it says 2.12: the fields that matter to the kernel proper are the same in all later versions.
/// </remarks>
internal sealed class LinuxHeader
{
    private const uint InitrdLimit64 = 0x7fffffff;
    private const uint InitrdLimit32 = 0x37ffffff;
    private static readonly ProtocolVersion _ownVersion = new(2, 12);
    private readonly byte[] _bytes;

    private LinuxHeader(byte[] bytes, bool isOfKernel, SetupIndirectType? setupTypeMax)
    {
        _bytes = bytes;
        IsOfKernel = isOfKernel;
        SetupTypeMax = setupTypeMax;
    }

    /// <summary>Whether it is the kernel's own.</summary>
    public bool IsOfKernel { get; }

    /// <summary>The header, from setup_sects on, exactly as long as it says.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The header's fields.</summary>
    public SetupHeader Fields => SetupHeader.Parse(_bytes);

    /// <summary>The highest setup_data type that the kernel takes, with SETUP_INDIRECT if it follows that; null if it is not stated.</summary>
    public SetupIndirectType? SetupTypeMax { get; }

    /// <summary>
    /// Bytes that have to be free from where the kernel runs; null before protocol 2.10, where nothing states how much its first steps use.
    /// </summary>
    public ulong? InitSize => IsOfKernel ? Fields.InitSize : 0;

    /// <summary>Whether the kernel runs at other physical addresses than the one for which it was linked.</summary>
    public bool IsRelocatable => Fields.RelocatableKernel != 0;

    /// <summary>The alignment that the kernel prefers, in bytes: a power of two.</summary>
    /// <exception cref="BootException">The header has another number.</exception>
    public ulong Alignment => Fields.KernelAlignment switch
    {
        null or 0 => X86Page.LargeSize,
        { } value when uint.IsPow2(value) => value,
        { } value => throw Fault("kernel_alignment", SetupHeader.Layout.Offset.KernelAlignment, "a power of two", $"0x{value:x}"),
    };

    /// <summary>The least alignment at which the kernel runs, in bytes: a power of two.</summary>
    /// <exception cref="BootException">The header has a number that is none.</exception>
    public ulong LeastAlignment => Fields.MinAlignment switch
    {
        null or 0 => Alignment,
        >= 64 and var power => throw Fault(
            "min_alignment", SetupHeader.Layout.Offset.MinAlignment, "the exponent of a power of two below 64", $"{power}"),
        { } power => Math.Max(1UL << power, X86Page.Size),
    };

    /// <summary>What to write into kernel_alignment where the kernel runs at a place by min_alignment; null where it is as aligned as it prefers.</summary>
    /// <exception cref="BootException">The header has an alignment that is none.</exception>
    public uint? AlignmentAt(Paddr start)
    {
        ulong unit = start.Value & unchecked(0 - start.Value);
        return unit >= LeastAlignment && unit < Alignment ? (uint)unit : null;
    }

    /// <summary>Reads the header of the image that holds a kernel, or makes one up for a kernel without.</summary>
    /// <exception cref="BootException">The header lies outside of the image, or its kernel_info does.</exception>
    public static LinuxHeader Of(Kernel kernel)
    {
        BootImage image = kernel.Payload.Image;
        if (!image.HasSetupHeader)
            return new LinuxHeader(MakeUp(kernel), false, null);
        ReadOnlySpan<byte> bytes = image.SetupHeader.AsSpan();
        SetupIndirectType? highest = image.TryGetKernelInfo(out KernelInfo info, out _) ? info.SetupTypeMax : null;
        return new LinuxHeader(bytes.ToArray(), true, highest);
    }

    /// <summary>The error about a field.</summary>
    public static BootFormatException Fault(string field, int offset, string expected, string found) =>
        new(BootErrorCode.BadValue, "setup_header", field, offset, expected, found);

    private static byte[] MakeUp(Kernel kernel)
    {
        byte[] bytes = new byte[SetupHeader.Layout.Size];
        SetupHeader.Author header = SetupHeader.Create(bytes, _ownVersion);
        header.Loadflags = LoadFlags.LoadedHigh;
        header.CmdlineSize = (uint)(CommandLineLimit.Of(kernel)?.Maximum ?? CommandLineLimit.Linux);
        header.InitrdAddrMax = kernel.Elf.Word == WordSize.Bits64 ? InitrdLimit64 : InitrdLimit32;
        header.KernelAlignment = X86Page.LargeSize;
        return bytes[..header.AsView().AsSpan().Length];
    }
}
