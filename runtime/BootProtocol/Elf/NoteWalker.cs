using System.Runtime.InteropServices;

namespace BootProtocol.Elf;

/// <summary>Walks through regions of notes, and keeps count of the notes over all of them.</summary>
/// <remarks>
/// Notes are aligned to 4 bytes. Those of regions that are aligned to 8 may be aligned to 8 too (the toolchain's program properties),
/// to 4 all the same (GRUB's for Xen), or to both by turns (a Linux kernel that merges its own with the toolchain's). So such a region
/// is first taken by the letter; if that does not work out, then by 4 with padding in between.
/// </remarks>
/// <param name="bytes">The file.</param>
/// <param name="limits">How many notes there may be, and how long their names.</param>
/// <param name="taken">The notes that count already.</param>
internal sealed class NoteWalker(KernelBytes bytes, Limits limits, int taken)
{
    /// <summary>
    /// How many bytes the last descriptor of a region may lack: a note's header and a name of 4 bytes. GRUB counts some of its note's
    /// own words into the size of the descriptor.
    /// </summary>
    private const int MaximumMissing = 16;

    private const int HeaderSize = NoteHeader.Layout.Size;
    private const int Word = 4;
    private const int DoubleWord = 8;
    private const string Structure = "elf_nhdr";

    private int _taken = taken;

    // What was read by 8, whether or not that worked out: it must not take longer than there may be notes.
    private int _tried = taken;

    /// <summary>Adds the notes of a region.</summary>
    /// <param name="place">What leads to the region.</param>
    /// <param name="offset">Where it starts in the file, in bytes.</param>
    /// <param name="size">Its bytes, which are known to lie inside the file.</param>
    /// <param name="alignment">Its alignment in bytes.</param>
    /// <param name="notes">Where the notes go.</param>
    /// <exception cref="BootFormatException">A note does not lie inside the region, or there are too many notes.</exception>
    public void Walk(NotePlace place, long offset, long size, ulong alignment, List<Note> notes)
    {
        ReadOnlySpan<byte> region = bytes.Read(offset, size);
        int before = notes.Count;
        if (alignment == DoubleWord)
        {
            if (TryWalkByEight(place, offset, region, notes))
            {
                for (int i = before; i < notes.Count; i++)
                    Count(ref _taken, notes[i].Offset);
                return;
            }

            notes.RemoveRange(before, notes.Count - before);
        }

        WalkByFour(place, offset, region, alignment == DoubleWord, notes);
    }

    private bool TryWalkByEight(NotePlace place, long offset, ReadOnlySpan<byte> region, List<Note> notes)
    {
        long at = 0;
        while (region.Length - at >= HeaderSize)
        {
            ReadOnlySpan<byte> rest = region[(int)at..];
            NoteHeader header = View(rest);
            long descriptor = Align(HeaderSize + (long)header.NameSize, DoubleWord);
            if (descriptor + header.DescriptorSize > rest.Length || !IsName(rest.Slice(HeaderSize, (int)header.NameSize)))
                return false;
            CheckDescriptor(header, offset + at, header.DescriptorSize);
            Count(ref _tried, offset + at);
            notes.Add(new Note(bytes, place, offset + at, header, offset + at + descriptor, (int)header.DescriptorSize));
            at += Align(descriptor + header.DescriptorSize, DoubleWord);
        }

        return at >= region.Length || !region[(int)at..].ContainsAnyExcept((byte)0);
    }

    private void WalkByFour(NotePlace place, long offset, ReadOnlySpan<byte> region, bool skipsPadding, List<Note> notes)
    {
        long at = 0;
        while (region.Length - at >= HeaderSize)
        {
            ReadOnlySpan<byte> rest = region[(int)at..];
            if (skipsPadding && at % DoubleWord != 0 && MemoryMarshal.Read<uint>(rest) == 0)
            {
                at += Word;
                continue;
            }

            NoteHeader header = View(rest);
            Count(ref _taken, offset + at);
            CheckName(header, offset + at, rest.Length - HeaderSize);
            long descriptor = Math.Min(Align(HeaderSize + (long)header.NameSize, Word), rest.Length);
            long available = Math.Min(header.DescriptorSize, rest.Length - descriptor);
            CheckDescriptor(header, offset + at, available);
            notes.Add(new Note(bytes, place, offset + at, header, offset + at + descriptor, (int)available));
            at += Align(descriptor + header.DescriptorSize, Word);
        }
    }

    private void CheckName(NoteHeader header, long at, long available)
    {
        if (header.NameSize > available || header.NameSize - 1L > limits.MaximumStringLength)
        {
            string expected = ElfFaults.Text($"at most {Math.Min(available, limits.MaximumStringLength + 1L)} bytes");
            throw ElfFaults.Number(Structure, "n_namesz", at + NoteHeader.Layout.Offset.NameSize, expected, header.NameSize);
        }
    }

    private static void CheckDescriptor(NoteHeader header, long at, long available)
    {
        bool isLong = header.DescriptorSize > NoteTable.MaximumDescriptorSize;
        if (isLong || header.DescriptorSize - available > MaximumMissing)
        {
            long most = isLong ? Math.Min(available, NoteTable.MaximumDescriptorSize) : available;
            string expected = ElfFaults.Text($"at most {most} bytes");
            throw ElfFaults.Number(Structure, "n_descsz", at + NoteHeader.Layout.Offset.DescriptorSize, expected, header.DescriptorSize);
        }
    }

    private void Count(ref int count, long at)
    {
        if (count++ >= limits.MaximumNotes)
            throw new BootFormatException(BootErrorCode.TooLarge, "elf", "notes", at, ElfFaults.Text($"at most {limits.MaximumNotes} notes"), "more");
    }

    private bool IsName(ReadOnlySpan<byte> name) =>
        name.Length > 1
        && name.Length - 1 <= limits.MaximumStringLength
        && name[^1] == 0
        && !name[..^1].ContainsAnyExceptInRange((byte)' ', (byte)'~');

    private static NoteHeader View(ReadOnlySpan<byte> region) => ViewAccess.View<NoteHeader>(region, WordSize.Bits32);

    private static long Align(long value, int alignment) => (value + alignment - 1) & -alignment;
}
