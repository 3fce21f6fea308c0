using System.Buffers.Binary;
using BootProtocol.Elf;
using BootProtocol.Xen;

namespace BootProtocol.Output;

/// <summary>Writes an ELF file that brings physical memory along and is entered by its PVH note.</summary>
/// <remarks>
/// <para>
/// The file has what every loader of PVH kernels reads, in the form that all of them take: ELF of 64 bits, as rust-vmm's linux-loader
/// (Firecracker, Cloud Hypervisor) reads no other; a note of 8 bytes, as QEMU reads that many where the file has 64 bits, and the
/// others read the lower 4; <c>e_entry</c> the same address, as linux-loader refuses one below 1 MiB.
/// </para>
/// <para>Source of the note: Xen's public header elfnote.h, XEN_ELFNOTE_PHYS32_ENTRY; of the rest: System V ABI, chapters 4 and 5.</para>
/// </remarks>
/// <example><code>
/// using FileStream file = File.Create(Path.Combine(folder, "guest.elf"));
/// PvhElf.Write(file, pvh.Cpu.InstructionPointer, pvh.Memory.Extents.Select(extent =&gt; new PhysicalSegment(extent.Start, extent.Memory)));
/// </code></example>
public static class PvhElf
{
    /// <summary>The program headers must be countable without section headers (PN_XNUM in elf.h).</summary>
    private const int MaximumHeaders = 0xfffe;

    private static ReadOnlySpan<byte> Owner => "Xen\0"u8;

    private static int NoteSize => NoteHeader.Layout.Size + Owner.Length + sizeof(ulong);

    /// <summary>Writes the file.</summary>
    /// <param name="output">Where to; it is written from front to back.</param>
    /// <param name="entry">The physical address where a processor in protected mode without paging is to start, below 4 GiB.</param>
    /// <param name="segments">The memory, in any order; a segment whose memory has no bytes is left out.</param>
    /// <exception cref="ArgumentException">
    /// The entry is at 4 GiB or above, a segment's memory is smaller than its bytes or ends beyond 64 bits, two segments overlap, or there
    /// are more than 65,533.
    /// </exception>
    public static void Write(Stream output, Paddr entry, IEnumerable<PhysicalSegment> segments)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(segments);
        if (entry.Value > uint.MaxValue)
            throw new ArgumentException($"The entry {entry} is not below 4 GiB.", nameof(entry));
        PhysicalSegment[] used = [.. segments.Where(segment => segment.MemorySize > 0).OrderBy(segment => segment.Address)];
        Check(used);

        byte[] headers = new byte[HeadersEnd(used.Length)];
        WriteHeader(headers, entry, used.Length + 1);
        WriteNote(headers, entry, used.Length);
        ulong end = (ulong)headers.Length;
        for (int i = 0; i < used.Length; i++)
        {
            ulong offset = OffsetFor(used[i], end);
            Describe(headers, i + 1, used[i], offset);
            end = offset + (ulong)used[i].Bytes.Length;
        }

        output.Write(headers);
        end = (ulong)headers.Length;
        Span<byte> zeros = stackalloc byte[X86Page.Size];
        zeros.Clear();
        foreach (PhysicalSegment segment in used)
        {
            ulong offset = OffsetFor(segment, end);
            output.Write(zeros[..(int)(offset - end)]);
            output.Write(segment.Bytes.Span);
            end = offset + (ulong)segment.Bytes.Length;
        }
    }

    private static int HeadersEnd(int segments) => NoteOffset(segments) + NoteSize;

    private static int NoteOffset(int segments) => ElfHeader.Layout.Size64 + ((segments + 1) * ProgramHeader.Layout.Size64);

    /// <summary>Offsets in the file agree with addresses below the page size, so that the file can be mapped.</summary>
    private static ulong OffsetFor(PhysicalSegment segment, ulong end) =>
        segment.Bytes.IsEmpty ? end : end + ((segment.Address.Value - end) % X86Page.Size);

    private static void Check(PhysicalSegment[] segments)
    {
        if (segments.Length + 1 > MaximumHeaders)
            throw new ArgumentException($"{segments.Length} segments are more than a file can have.", nameof(segments));
        for (int i = 0; i < segments.Length; i++)
        {
            PhysicalSegment segment = segments[i];
            if (segment.MemorySize < (ulong)segment.Bytes.Length)
                throw new ArgumentException($"The segment at {segment.Address} has more bytes than memory.", nameof(segments));
            if (segment.MemorySize > ulong.MaxValue - segment.Address.Value)
                throw new ArgumentException($"The segment at {segment.Address} ends beyond 64 bits.", nameof(segments));
            if (i > 0 && segments[i - 1].Address.Value + segments[i - 1].MemorySize > segment.Address.Value)
                throw new ArgumentException($"The segments at {segments[i - 1].Address} and {segment.Address} overlap.", nameof(segments));
        }
    }

    private static void WriteHeader(byte[] headers, Paddr entry, int count)
    {
        ElfHeader.Writer header = ElfHeader.Create(headers, WordSize.Bits64);
        ElfIdent.Writer identification = ElfIdent.Create(headers);
        identification.Class = ElfClass.Class64;
        identification.Data = ElfData.LittleEndian;
        identification.Version = 1;
        header.Type = ElfType.Executable;
        header.Machine = ElfMachine.X8664;
        header.Version = 1;
        header.Entry = new Vaddr(entry.Value);
        header.ProgramHeaderOffset = (ulong)ElfHeader.Layout.Size64;
        header.HeaderSize = (ushort)ElfHeader.Layout.Size64;
        header.ProgramHeaderSize = (ushort)ProgramHeader.Layout.Size64;
        header.ProgramHeaderCount = (ushort)count;
    }

    private static void WriteNote(byte[] headers, Paddr entry, int segments)
    {
        int offset = NoteOffset(segments);
        Span<byte> note = headers.AsSpan(offset);
        NoteHeader.Writer noteHeader = NoteHeader.Create(note);
        noteHeader.NameSize = (uint)Owner.Length;
        noteHeader.DescriptorSize = sizeof(ulong);
        noteHeader.Type = XenNotes.Number.Phys32Entry;
        Owner.CopyTo(note[NoteHeader.Layout.Size..]);
        BinaryPrimitives.WriteUInt64LittleEndian(note[(NoteHeader.Layout.Size + Owner.Length)..], entry.Value);

        ProgramHeader.Writer header = ProgramHeader.Create(headers.AsSpan(ElfHeader.Layout.Size64), WordSize.Bits64);
        header.Type = SegmentType.Note;
        header.Flags = SegmentFlags.Read;
        header.FileOffset = (ulong)offset;
        header.FileSize = (ulong)NoteSize;
        header.Alignment = sizeof(uint); // what the parts of a note are padded to: readers go by it
    }

    private static void Describe(byte[] headers, int index, PhysicalSegment segment, ulong offset)
    {
        Span<byte> place = headers.AsSpan(ElfHeader.Layout.Size64 + (index * ProgramHeader.Layout.Size64));
        ProgramHeader.Writer header = ProgramHeader.Create(place, WordSize.Bits64);
        header.Type = SegmentType.Load;
        header.Flags = SegmentFlags.Read | SegmentFlags.Write | SegmentFlags.Execute;
        header.FileOffset = offset;
        header.VirtualAddress = new Vaddr(segment.Address.Value);
        header.PhysicalAddress = segment.Address;
        header.FileSize = (ulong)segment.Bytes.Length;
        header.MemorySize = segment.MemorySize;
        header.Alignment = segment.Bytes.IsEmpty ? 1UL : X86Page.Size;
    }
}
