using System.Buffers.Binary;
using BootProtocol.Elf;
using BootProtocol.Xen;

namespace BootProtocol.Boot.Tests.Machines;

/// <summary>An ELF file that QEMU loads and enters by its PVH note: any memory, for tests that play the loader themselves.</summary>
internal static class PvhFile
{
    private const int PageSize = 4096;
    private const int OwnerSize = 4;

    public static byte[] Write(uint entry, params ElfSegment[] segments)
    {
        int headerSize = ElfHeader.Layout.Size64;
        int segmentSize = ProgramHeader.Layout.Size64;
        byte[] note = Note(entry);
        byte[] headers = new byte[PageSize];
        ElfHeader.Writer header = ElfHeader.Create(headers, WordSize.Bits64);
        ElfIdent.Writer identification = ElfIdent.Create(headers);
        identification.Class = ElfClass.Class64;
        identification.Data = ElfData.LittleEndian;
        identification.Version = 1;
        header.Type = ElfType.Executable;
        header.Machine = ElfMachine.X8664;
        header.Version = 1;
        header.Entry = new Vaddr(entry);
        header.ProgramHeaderOffset = (ulong)headerSize;
        header.HeaderSize = (ushort)headerSize;
        header.ProgramHeaderSize = (ushort)segmentSize;
        header.ProgramHeaderCount = (ushort)(segments.Length + 1);

        using var file = new MemoryStream();
        int noteOffset = PageSize - note.Length;
        note.CopyTo(headers, noteOffset);
        Describe(headers, 0, SegmentType.Note, noteOffset, entry, note.Length);
        int offset = PageSize;
        for (int i = 0; i < segments.Length; i++)
        {
            Describe(headers, i + 1, SegmentType.Load, offset, segments[i].Address, segments[i].Bytes.Length);
            offset += (segments[i].Bytes.Length + PageSize - 1) / PageSize * PageSize;
        }

        file.Write(headers);
        foreach (ElfSegment segment in segments)
        {
            file.Write(segment.Bytes.Span);
            file.SetLength((file.Length + PageSize - 1) / PageSize * PageSize);
            file.Position = file.Length;
        }

        return file.ToArray();
    }

    private static void Describe(byte[] headers, int index, SegmentType type, int offset, uint address, int size)
    {
        Span<byte> place = headers.AsSpan(ElfHeader.Layout.Size64 + (index * ProgramHeader.Layout.Size64));
        ProgramHeader.Writer segment = ProgramHeader.Create(place, WordSize.Bits64);
        segment.Type = type;
        segment.Flags = SegmentFlags.Read | SegmentFlags.Write | SegmentFlags.Execute;
        segment.FileOffset = (ulong)offset;
        segment.VirtualAddress = new Vaddr(address);
        segment.PhysicalAddress = new Paddr(address);
        segment.FileSize = (ulong)size;
        segment.MemorySize = (ulong)size;
        segment.Alignment = type == SegmentType.Load ? PageSize : (ulong)sizeof(uint);
    }

    private static byte[] Note(uint entry)
    {
        byte[] note = new byte[NoteHeader.Layout.Size + OwnerSize + sizeof(ulong)];
        NoteHeader.Writer header = NoteHeader.Create(note);
        header.NameSize = OwnerSize;
        header.DescriptorSize = sizeof(ulong);
        header.Type = XenNotes.Number.Phys32Entry;
        "Xen\0"u8.CopyTo(note.AsSpan(NoteHeader.Layout.Size));
        BinaryPrimitives.WriteUInt64LittleEndian(note.AsSpan(NoteHeader.Layout.Size + OwnerSize), entry);
        return note;
    }
}
