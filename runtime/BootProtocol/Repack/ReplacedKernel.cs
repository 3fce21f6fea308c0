using BootProtocol.Elf;
using BootProtocol.Kernels;

namespace BootProtocol.Repack;

/// <summary>Whether a kernel can take the place of the one in an image.</summary>
internal static class ReplacedKernel
{
    private const string Structure = "vmlinux";

    /// <summary>Checks it.</summary>
    /// <param name="old">The kernel that is there.</param>
    /// <param name="other">The other one.</param>
    /// <exception cref="BootRequestException">It has another size or word size, is for another processor, or takes other memory.</exception>
    /// <exception cref="BootFormatException">It is a broken ELF file.</exception>
    public static void Check(Kernel old, ReadOnlyMemory<byte> other)
    {
        if (other.Length != old.Length)
        {
            throw Refuse(
                BootErrorCode.WrongSize,
                $"a kernel of {old.Length} bytes with what is appended to it, as 'extract' has it: the image has that size built in",
                $"{other.Length} bytes");
        }

        if (!old.IsElf)
            return;
        if (!other.Span.StartsWith("\u007fELF"u8))
            throw Refuse(BootErrorCode.WrongMagic, $"an ELF file, as the kernel that is there", $"another file");
        ElfFile elf = ElfFile.Open(KernelBytes.FromMemory(other));
        if (elf.Word != old.Elf.Word)
            throw Refuse(BootErrorCode.NotAllowed, $"a kernel of {(int)old.Elf.Word} bits", $"one of {(int)elf.Word}");
        if (elf.Header.Machine != old.Elf.Header.Machine)
        {
            throw Refuse(
                BootErrorCode.NotAllowed, $"a kernel for {ElfMachines.Name(old.Elf.Header.Machine)}", $"one for {ElfMachines.Name(elf.Header.Machine)}");
        }

        (ulong Start, ulong End) there = Extent(old.Elf);
        (ulong Start, ulong End) found = Extent(elf);
        if (found.Start >= there.Start && found.End <= there.End)
            return;
        throw Refuse(
            BootErrorCode.NotAllowed,
            $"segments within the memory of the kernel that is there, 0x{there.Start:x} to 0x{there.End:x}",
            $"0x{found.Start:x} to 0x{found.End:x}");
    }

    /// <summary>The physical memory that the segments take.</summary>
    private static (ulong Start, ulong End) Extent(ElfFile elf) => elf.LoadSegments.IsEmpty
        ? (0, 0)
        : (elf.LoadSegments.Min(static segment => segment.PhysicalAddress.Value), elf.LoadSegments.Max(static segment => segment.PhysicalEnd.Value));

    private static BootRequestException Refuse(BootErrorCode code, FormattableString expected, FormattableString found) =>
        new(code, Structure, "", null, FormattableString.Invariant(expected), FormattableString.Invariant(found));
}
