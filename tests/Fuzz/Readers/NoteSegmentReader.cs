using BootProtocol.Elf;

namespace BootProtocol.Fuzz.Readers;

/// <summary>Reads notes: the input is the one segment of an ELF file, for each word size.</summary>
internal static class NoteSegmentReader
{
    /// <summary>Reads the bytes of a segment of notes.</summary>
    public static void Read(byte[] notes, Facts facts)
    {
        foreach (WordSize word in (ReadOnlySpan<WordSize>)[WordSize.Bits32, WordSize.Bits64])
            ImageReader.Read(Wrap(notes, word), facts);
    }

    /// <summary>Makes an ELF file of one segment, which is loaded at 1 MiB and has notes.</summary>
    public static byte[] Wrap(byte[] notes, WordSize word)
    {
        bool isWide = word == WordSize.Bits64;
        int headerSize = isWide ? ElfHeader.Layout.Size64 : ElfHeader.Layout.Size32;
        int segmentSize = isWide ? ProgramHeader.Layout.Size64 : ProgramHeader.Layout.Size32;
        int start = headerSize + (2 * segmentSize);
        byte[] file = [.. new byte[start], .. notes];
        ElfHeader.Writer header = ElfHeader.Create(file, word);
        ElfIdent.Writer ident = ElfIdent.Create(file);
        ident.Class = isWide ? ElfClass.Class64 : ElfClass.Class32;
        ident.Data = ElfData.LittleEndian;
        ident.Version = 1;
        header.Type = ElfType.Executable;
        header.Machine = isWide ? ElfMachine.X8664 : ElfMachine.I386;
        header.Version = 1;
        header.ProgramHeaderOffset = (ulong)headerSize;
        header.HeaderSize = (ushort)headerSize;
        header.ProgramHeaderSize = (ushort)segmentSize;
        header.ProgramHeaderCount = 2;
        foreach (SegmentType type in (ReadOnlySpan<SegmentType>)[SegmentType.Load, SegmentType.Note])
        {
            ProgramHeader.Writer segment = ProgramHeader.Create(file.AsSpan(headerSize), word);
            segment.Type = type;
            segment.Flags = SegmentFlags.Read | SegmentFlags.Write | SegmentFlags.Execute;
            segment.FileOffset = (ulong)start;
            segment.PhysicalAddress = new Paddr(1 << 20);
            segment.VirtualAddress = new Vaddr(1 << 20);
            segment.FileSize = (ulong)notes.Length;
            segment.MemorySize = (ulong)notes.Length;
            segment.Alignment = 4;
            headerSize += segmentSize;
        }

        return file;
    }
}
