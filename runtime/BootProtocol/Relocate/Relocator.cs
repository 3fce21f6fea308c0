using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace BootProtocol.Relocate;

/// <summary>Makes a kernel run at other virtual addresses than it was linked for, by its relocation lists.</summary>
/// <remarks>Source: handle_relocations in arch/x86/boot/compressed/misc.c of Linux.</remarks>
/// <example><code>
/// SampleKernel sample = SampleKernel.Link(WordSize.Bits64);
/// byte[] file = [.. sample.Elf.Span, .. sample.RelocationBytes.Span];
/// ElfFile elf = ElfFile.Open(KernelBytes.FromMemory(file));
/// byte[] memory = new byte[sample.MemorySize];
/// foreach (Segment segment in elf.LoadSegments)
///     elf.Read(segment).CopyTo(memory.AsSpan((int)(segment.PhysicalAddress.Value - SampleKernel.PhysicalAddress.Value)));
/// Relocator.Apply(RelocationTable.Read(elf)!, memory, sample.Address, distance: 0x200000);
/// </code></example>
public static class Relocator
{
    /// <summary>Applies all lists.</summary>
    /// <param name="table">The lists.</param>
    /// <param name="image">The kernel as it stands in memory, from its first byte on.</param>
    /// <param name="linkedAt">The virtual address, as linked, of the first byte of <paramref name="image"/>.</param>
    /// <param name="distance">How much higher the kernel will run, in bytes.</param>
    /// <exception cref="BootFormatException">A place lies outside of the image; what came before it is changed by then.</exception>
    public static void Apply(RelocationTable table, Span<byte> image, Vaddr linkedAt, ulong distance)
    {
        ArgumentNullException.ThrowIfNull(table);
        foreach (RelocationKind kind in table.Kinds)
        {
            ReadOnlySpan<uint> places = MemoryMarshal.Cast<byte, uint>(table[kind].AsSpan());
            switch (kind)
            {
                case RelocationKind.Add64:
                    Add64(places, image, linkedAt, distance);
                    break;
                case RelocationKind.Add32:
                    Add32(places, image, linkedAt, (uint)distance, kind);
                    break;
                default:
                    Add32(places, image, linkedAt, (uint)-(long)distance, kind);
                    break;
            }
        }
    }

    // The lists hold the lower halves of addresses, and no kernel is as long as half of what these can tell apart: the distance from
    // the kernel's first byte is right whatever the upper halves are.
    private static void Add64(ReadOnlySpan<uint> places, Span<byte> image, Vaddr linkedAt, ulong distance)
    {
        uint start = (uint)linkedAt.Value;
        long last = image.Length - (long)sizeof(ulong);
        foreach (uint place in places)
        {
            uint at = place - start;
            if (at > last)
                ThrowOutside(RelocationKind.Add64, place, image.Length, linkedAt);
            Span<byte> number = image.Slice((int)at, sizeof(ulong));
            BinaryPrimitives.WriteUInt64LittleEndian(number, BinaryPrimitives.ReadUInt64LittleEndian(number) + distance);
        }
    }

    private static void Add32(ReadOnlySpan<uint> places, Span<byte> image, Vaddr linkedAt, uint distance, RelocationKind kind)
    {
        uint start = (uint)linkedAt.Value;
        long last = image.Length - (long)sizeof(uint);
        foreach (uint place in places)
        {
            uint at = place - start;
            if (at > last)
                ThrowOutside(kind, place, image.Length, linkedAt);
            Span<byte> number = image.Slice((int)at, sizeof(uint));
            BinaryPrimitives.WriteUInt32LittleEndian(number, BinaryPrimitives.ReadUInt32LittleEndian(number) + distance);
        }
    }

    private static void ThrowOutside(RelocationKind kind, uint place, int length, Vaddr linkedAt)
    {
        string list = kind switch
        {
            RelocationKind.Add64 => "64",
            RelocationKind.Add32 => "32",
            _ => "inverse_32",
        };
        throw new BootFormatException(
            BootErrorCode.OutOfBounds,
            "relocations",
            list,
            null,
            string.Create(CultureInfo.InvariantCulture, $"a place in the {length} bytes of the kernel from {linkedAt} on"),
            $"0x{place:x}");
    }
}
