using System.Buffers.Binary;
using System.Runtime.InteropServices;
using BootProtocol.Elf;
using BootProtocol.Kernels;
using BootProtocol.Relocate;
using BootProtocol.Xen;

namespace BootProtocol.Domains;

/// <summary>A note PHYS32_ENTRY that the entry's own code reads, and that relocation lists leave as it is.</summary>
/// <param name="Place">Where its descriptor is, in bytes from the kernel's first one.</param>
/// <param name="Size">Bytes of the descriptor: 4 or 8.</param>
/// <remarks>
/// Linux's entry finds out how far it was moved by subtracting from where it runs what the note in memory says
/// (arch/x86/platform/pvh/head.S, rva(xen_elfnote_phys32_entry), from 6.13 on; before, it is an operand of an instruction, which the lists
/// move). It adds that distance to its page tables, which the lists moved by the virtual offset, so that the note has to be moved, too. And
/// it stores the distance into 32 bits of phys_base, whose others are 0: it must not be negative.
/// </remarks>
internal sealed record PvhEntryNote(int Place, int Size)
{
    /// <summary>The entry's code is one function of some hundred bytes.</summary>
    private const int CodeLength = 4096;

    /// <summary>Finds the note of a kernel; null if its entry does not read it, or the lists move it.</summary>
    /// <param name="kernel">The kernel; it has a PVH entry, and all of it is decoded.</param>
    /// <exception cref="BootException">The notes or the relocation lists are broken.</exception>
    public static PvhEntryNote? Find(Kernel kernel)
    {
        ElfFile file = kernel.Elf;
        if (file.Notes.FindAll(XenNotes.Layout.Owner, XenNotes.Number.Phys32Entry) is not [.., { DescriptorSize: 4 or 8 } note])
            return null;
        if (FindSegment(file, note) is not { } home || FindEntry(file) is not { } code)
            return null;
        uint address = AddressIn(home, (ulong)note.DescriptorOffset);
        if (!Reads(file, code.Segment, code.Offset, address) || IsMoved(kernel.Relocations, address))
            return null;
        ulong place = home.PhysicalAddress.Value + ((ulong)note.DescriptorOffset - home.FileOffset) - file.LoadSegments[0].PhysicalAddress.Value;
        return new PvhEntryNote((int)place, note.DescriptorSize);
    }

    /// <summary>Moves the note.</summary>
    /// <param name="image">The kernel in memory, from its first byte on.</param>
    /// <param name="offset">How much higher than linked its virtual addresses are.</param>
    public void Move(Span<byte> image, ulong offset)
    {
        Span<byte> number = image.Slice(Place, Size);
        if (Size == sizeof(uint))
            BinaryPrimitives.WriteUInt32LittleEndian(number, BinaryPrimitives.ReadUInt32LittleEndian(number) + (uint)offset);
        else
            BinaryPrimitives.WriteUInt64LittleEndian(number, BinaryPrimitives.ReadUInt64LittleEndian(number) + offset);
    }

    /// <summary>Whether code refers to an address by its distance from the code's first byte, as it does that runs wherever it is.</summary>
    private static bool Reads(ElfFile file, Segment segment, ulong offset, uint address)
    {
        int length = (int)Math.Min(CodeLength, segment.FileOffset + segment.FileSize - offset);
        Span<byte> distance = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(distance, unchecked(address - AddressIn(segment, offset)));
        return file.Bytes.Read((long)offset, length).IndexOf(distance) >= 0;
    }

    private static bool IsMoved(RelocationTable? table, uint address)
    {
        foreach (RelocationKind kind in table is null ? [] : table.Kinds)
        {
            if (MemoryMarshal.Cast<byte, uint>(table![kind].AsSpan()).Contains(address))
                return true;
        }

        return false;
    }

    private static Segment? FindSegment(ElfFile file, Note note)
    {
        foreach (Segment segment in file.LoadSegments)
        {
            ulong offset = (ulong)note.DescriptorOffset;
            if (offset >= segment.FileOffset && (UInt128)offset + (uint)note.DescriptorSize <= (UInt128)segment.FileOffset + segment.FileSize)
                return segment;
        }

        return null;
    }

    private static (Segment Segment, ulong Offset)? FindEntry(ElfFile file)
    {
        if (file.Notes.Xen.Phys32Entry is not { } entry)
            return null;
        foreach (Segment segment in file.LoadSegments)
        {
            if (entry >= segment.PhysicalAddress && entry.Value - segment.PhysicalAddress.Value < segment.FileSize)
                return (segment, segment.FileOffset + (entry.Value - segment.PhysicalAddress.Value));
        }

        return null;
    }

    /// <summary>The lower half of the virtual address of a byte in the file, as relocation lists have it.</summary>
    private static uint AddressIn(Segment segment, ulong offset) => unchecked((uint)(segment.VirtualAddress.Value + (offset - segment.FileOffset)));
}
