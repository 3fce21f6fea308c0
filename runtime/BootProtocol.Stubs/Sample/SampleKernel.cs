using System.Collections.Immutable;
using BootProtocol.Relocate;
using BootProtocol.Sample.Code;
using BootProtocol.Sample.Files;
using BootProtocol.Sample.Linking;

namespace BootProtocol.Sample;

/// <summary>The sample guest as a kernel in an ELF file: what <see cref="SampleGuest"/> packs into a bzImage.</summary>
/// <remarks>
/// It is entered as a Linux kernel (at <c>e_entry</c>, in the mode of its word size), by PVH or by Xen PV (by its notes), prints on the
/// first serial port what it was given, one <c>key: value</c> line each, and switches the machine off.
/// </remarks>
/// <example><code>
/// SampleKernel sample = SampleKernel.Link(WordSize.Bits64);
/// ElfFile file = ElfFile.Open(KernelBytes.FromMemory(sample.Elf));
/// Console.WriteLine($"{file.Kind} of {sample.MemorySize} bytes at {sample.Address}, {sample.Relocations64.Length} relocations");
/// </code></example>
public sealed class SampleKernel
{
    private readonly LinkedGuest _guest;

    private SampleKernel(LinkedGuest guest)
    {
        _guest = guest;
        Elf = GuestElf.Write(guest);
        RelocationBytes = RelocationLists.Write(guest);
    }

    /// <summary>The word size.</summary>
    public WordSize Word => _guest.Word;

    /// <summary>The ELF file, up to its exact end.</summary>
    public ReadOnlyMemory<byte> Elf { get; }

    /// <summary>The relocation lists in the form in which a kernel's build appends them to the ELF file.</summary>
    public ReadOnlyMemory<byte> RelocationBytes { get; }

    /// <summary>The virtual address at which the kernel is linked.</summary>
    public Vaddr Address => new(_guest.ImageAddress);

    /// <summary>The physical address at which the kernel is linked; it may be loaded at any other that is as aligned.</summary>
    public static Paddr PhysicalAddress => new(GuestLayout.PhysicalAddress);

    /// <summary>Bytes of the kernel in memory.</summary>
    public int MemorySize => _guest.Size;

    /// <summary>The virtual addresses of 64-bit numbers that grow when the kernel moves up, their lower 32 bits, ascending.</summary>
    public ImmutableArray<uint> Relocations64 => [.. RelocationLists.Select(_guest, RelocationKind.Add64)];

    /// <summary>The virtual addresses of 32-bit numbers that shrink when the kernel moves up, their lower 32 bits, ascending.</summary>
    public ImmutableArray<uint> InverseRelocations32 => [.. RelocationLists.Select(_guest, RelocationKind.Subtract32)];

    /// <summary>The virtual addresses of 32-bit numbers that grow when the kernel moves up, their lower 32 bits, ascending.</summary>
    public ImmutableArray<uint> Relocations32 => [.. RelocationLists.Select(_guest, RelocationKind.Add32)];

    internal LinkedGuest Guest => _guest;

    /// <summary>Links the kernel; every call gives the same bytes.</summary>
    /// <param name="word">The word size.</param>
    /// <param name="virtualOffset">
    /// How far above its usual virtual address, in bytes: what a loader reaches with the relocation lists, linked at once. A multiple
    /// of 2 MiB, at most 1 GiB less 4 MiB for 64 bits, and 512 MiB less 4 MiB for 32.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The offset is not one of those.</exception>
    public static SampleKernel Link(WordSize word, long virtualOffset = 0)
    {
        long largest = (word == WordSize.Bits64 ? 1L << 30 : 1L << 29) - (2 * GuestLayout.Alignment);
        ArgumentOutOfRangeException.ThrowIfNegative(virtualOffset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(virtualOffset, largest);
        ArgumentOutOfRangeException.ThrowIfNotEqual(virtualOffset % GuestLayout.Alignment, 0, nameof(virtualOffset));

        ulong address = GuestLayout.VirtualBase(word) + GuestLayout.PhysicalAddress + (ulong)virtualOffset;
        LinkedGuest guest = GuestLinker.Link(word, address, static program =>
        {
            GuestSource.Write(program);
            GuestNotes.Write(program);
        });
        if (guest.Size > GuestLayout.Alignment)
            throw new InvalidOperationException("The sample guest does not fit into the large page that it maps itself with.");
        return new SampleKernel(guest);
    }
}
