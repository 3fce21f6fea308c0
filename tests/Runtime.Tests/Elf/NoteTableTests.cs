using BootProtocol.Elf;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.Elf;

public sealed class NoteTableTests
{
    private static ReadOnlySpan<byte> Property => [1, 0, 1, 0xc0, 4, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0];

    [Fact]
    public void Segments_come_before_sections_and_the_last_note_counts()
    {
        ElfFile file = new TestElf()
            .Add(
                new TestNotes().Add("Xen", 8, "first").Add("Xen", 8, "generic").Segment(),
                new TestNotes().Add("Xen", 5, "xen-3.0").Segment())
            .Add(new TestNotes().Add("Xen", 8, "last").Add("GNU", 3, 0x01020304u).Section())
            .Open();
        Assert.Equal(["first\0", "generic\0", "xen-3.0\0"], file.Notes.InSegments.Select(Text));
        Assert.Equal(["Xen", "GNU"], file.Notes.InSections.Select(note => note.Owner));
        Assert.Equal(5, file.Notes.All.Length);
        Assert.Equal("generic", file.Notes.Xen.Loader);
        Assert.Equal("xen-3.0", file.Notes.Xen.XenVersion);
        Assert.True(file.Notes.TryFindNote("GNU", 3, out ReadOnlySpan<byte> build));
        Assert.Equal([4, 3, 2, 1], build.ToArray());
        Assert.False(file.Notes.TryFindNote("Linux", 0x101, out _));
        Assert.False(file.Notes.TryFindNote("xen", 8, out _));
    }

    [Fact]
    public void Sections_count_where_segments_have_nothing_of_the_owner()
    {
        byte[] notes = new TestNotes().Add("Xen", 8, "generic").Bytes;
        ElfFile file = new TestElf()
            .Add(new TestNotes().Add("GNU", 3, 1u).Segment())
            .Add(new TestSection(".note.Xen", SectionType.Note, notes))
            .Open();
        Assert.Equal("generic", file.Notes.Xen.Loader);
        Assert.Equal(NotePlace.Section, file.Notes.InSections[0].Place);
    }

    [Fact]
    public void A_segment_at_offset_0_was_left_unfilled()
    {
        byte[] bytes = new TestElf().Add(new TestNotes().Add("Xen", 8, "generic").Segment()).Build();
        ProgramHeader.Edit(bytes.AsSpan(64), WordSize.Bits64).FileOffset = 0;
        Assert.Empty(ElfFile.Open(KernelBytes.FromMemory(bytes)).Notes.All);
    }

    [Fact]
    public void Notes_that_segment_and_section_lead_to_are_there_once()
    {
        byte[] bytes = new TestElf()
            .Add(new TestNotes().Add("Xen", 8, "generic").Segment())
            .Add(new TestSection(".notes", SectionType.Note, new byte[24]))
            .Build();
        ElfHeader header = ElfHeader.Parse(bytes, WordSize.Bits64);
        SectionHeader.Edit(bytes.AsSpan((int)header.SectionHeaderOffset + 64), WordSize.Bits64).FileOffset = 64 + 56;
        Note note = Assert.Single(ElfFile.Open(KernelBytes.FromMemory(bytes)).Notes.All);
        Assert.Equal((120L, 136L), (note.Offset, note.DescriptorOffset));
        Assert.Equal((8, 8u, false), (note.DescriptorSize, note.DeclaredSize, note.IsClipped));
    }

    [Fact]
    public void Notes_aligned_to_8_bytes_are_read()
    {
        // After an odd descriptor the next note stands at a multiple of 8, and a name of 6 bytes is padded to 24.
        ElfFile file = new TestElf().Add(new TestNotes()
            .Add("GNU", 5, Property, 8)
            .Add("Linux", 0x101, [1, 2, 3, 4], 8)
            .Add("Xen", 5, "xen-3.0\0"u8, 8)
            .Segment(8)).Open();
        Assert.Equal(["GNU", "Linux", "Xen"], file.Notes.All.Select(note => note.Owner));
        Assert.Equal([1, 2, 3, 4], file.Notes.All[1].Descriptor.ToArray());
        Assert.Equal("xen-3.0", file.Notes.Xen.XenVersion);
    }

    [Fact]
    public void Notes_aligned_to_4_bytes_in_a_segment_aligned_to_8_are_read()
    {
        ElfFile file = new TestElf().Add(new TestNotes()
            .Add("Xen", 18, 0x100000u)
            .Add("Linux", 0x101, 1u)
            .Add("Xen", 8, "generic")
            .Segment(8)).Open();
        Assert.Equal(3, file.Notes.All.Length);
        Assert.Equal(0x100000ul, file.Notes.Xen.Phys32Entry!.Value.Value);
        Assert.Equal("generic", file.Notes.Xen.Loader);
        Assert.Equal(1ul, file.Notes.Linux.LtoInfo);
    }

    [Fact]
    public void Notes_of_both_alignments_in_one_segment_are_read()
    {
        // What the linker makes of a kernel's own notes and the toolchain's properties.
        ElfFile file = new TestElf().Add(new TestNotes()
            .Add("Xen", 18, 0x100000u)
            .Pad(8)
            .Add("GNU", 5, Property, 8)
            .Add("Xen", 18, 0x200000u)
            .Pad(8)
            .Add("GNU", 5, Property, 8)
            .Add("Linux", 0x101, 1u)
            .Segment(8)).Open();
        Assert.Equal(["Xen", "GNU", "Xen", "GNU", "Linux"], file.Notes.All.Select(note => note.Owner));
        Assert.Equal(0x200000ul, file.Notes.Xen.Phys32Entry!.Value.Value);
    }

    [Fact]
    public void A_text_need_not_have_a_NUL_and_does_not_run_on()
    {
        ElfFile file = new TestElf().Add(new TestNotes()
            .Add("Xen", 10, "pae_pgdir_above_4gb!"u8)
            .Add("Xen", 8, "generic")
            .Segment()).Open();
        Assert.Equal("pae_pgdir_above_4gb!", file.Notes.Xen.Features);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(16, true)]
    [InlineData(17, false)]
    [InlineData(0x7ffffff0, false)]
    public void The_last_descriptor_may_lack_a_few_bytes(int missing, bool isRead)
    {
        byte[] notes = new TestNotes().Add("Xen", 5, "xen-3.0").Add(4, 4 + (uint)missing, 9).Add("Xen\0yes\0"u8).Bytes;
        ElfFile file = new TestElf().Add(new TestSegment(SegmentType.Note, notes)).Open();
        if (!isRead)
        {
            BootFormatException error = Assert.Throws<BootFormatException>(() => file.Notes.All);
            Assert.Equal(("elf_nhdr", "n_descsz", 120L + 24 + 4), (error.Structure, error.Field, error.Offset));
            return;
        }

        Assert.True(file.Notes.All[1].IsClipped);
        Assert.Equal("yes", file.Notes.Xen.PaeMode);
    }

    [Theory]
    [InlineData(uint.MaxValue, 0u, "n_namesz")]
    [InlineData(0xfffffffdu, 0u, "n_namesz")]
    [InlineData(0u, uint.MaxValue, "n_descsz")]
    [InlineData(4u, 0xfffffff0u, "n_descsz")]
    [InlineData(0x80000000u, 0x80000000u, "n_namesz")]
    public void Sizes_that_wrap_are_refused(uint nameSize, uint descriptorSize, string field)
    {
        foreach (ulong alignment in (ulong[])[4, 8])
        {
            byte[] notes = new TestNotes().Add(nameSize, descriptorSize, 1).Add("Xen\0yes\0"u8).Bytes;
            ElfFile file = new TestElf().Add(new TestSegment(SegmentType.Note, notes) { Alignment = alignment }).Open();
            BootFormatException error = Assert.Throws<BootFormatException>(() => file.Notes.Xen.Loader);
            Assert.Equal(("elf_nhdr", field), (error.Structure, error.Field));
        }
    }

    [Fact]
    public void Names_and_descriptors_have_a_longest_size()
    {
        ElfFile file = new TestElf().Add(new TestNotes().Add(new string('n', 4096), 1, 0u).Segment()).Open();
        Assert.Equal(4096, file.Notes.All[0].Owner.Length);
        file = new TestElf().Add(new TestNotes().Add(new string('n', 4097), 1, 0u).Segment()).Open();
        Assert.Equal("n_namesz", Assert.Throws<BootFormatException>(() => file.Notes.All).Field);

        file = new TestElf().Add(new TestNotes().Add("A", 1, new byte[NoteTable.MaximumDescriptorSize]).Segment()).Open();
        Assert.Equal(NoteTable.MaximumDescriptorSize, file.Notes.All[0].DescriptorSize);
        foreach (ulong alignment in (ulong[])[4, 8])
        {
            file = new TestElf().Add(new TestNotes().Add("A", 1, new byte[NoteTable.MaximumDescriptorSize + 1]).Segment(alignment)).Open();
            Assert.Equal("n_descsz", Assert.Throws<BootFormatException>(() => file.Notes.All).Field);
        }
    }

    [Theory]
    [InlineData(4ul, 65_536, true)]
    [InlineData(4ul, 65_537, false)]
    [InlineData(4ul, 5_000_000, false)]
    [InlineData(8ul, 5_000_000, false)]
    public void Only_so_many_notes_are_read(ulong alignment, int count, bool isRead)
    {
        // Headers of zeroes are notes without a name, 12 bytes each.
        ElfFile file = new TestElf().Add(new TestSegment(SegmentType.Note, new byte[count * 12]) { Alignment = alignment }).Open();
        if (isRead)
            Assert.Equal(count, file.Notes.All.Length);
        else
            Assert.Equal(("elf", "notes"), Fault(Assert.Throws<BootFormatException>(() => file.Notes.All)));
    }

    [Theory]
    [InlineData(4ul)]
    [InlineData(8ul)]
    public void How_many_notes_are_read_can_be_set(ulong alignment)
    {
        TestNotes notes = new TestNotes().Add("A", 1, 0u).Add("A", 2, 0u).Add("A", 3, 0u);
        TestElf elf = new TestElf().Add(notes.Segment(alignment));
        Assert.Equal(3, elf.Open(new Limits { MaximumNotes = 3 }).Notes.All.Length);
        ElfFile file = elf.Open(new Limits { MaximumNotes = 2 });
        Assert.Equal(("elf", "notes"), Fault(Assert.Throws<BootFormatException>(() => file.Notes.All)));
    }

    [Theory]
    [InlineData(4ul, 8ul)]
    [InlineData(8ul, 4ul)]
    [InlineData(8ul, 8ul)]
    public void The_count_goes_over_segments_of_any_alignment(ulong first, ulong second)
    {
        TestNotes two = new TestNotes().Add("ABC", 1, 0ul).Add("ABC", 2, 0ul);
        TestElf elf = new TestElf().Add(two.Segment(first), two.Segment(second));
        Assert.Equal(4, elf.Open(new Limits { MaximumNotes = 4 }).Notes.All.Length);
        ElfFile file = elf.Open(new Limits { MaximumNotes = 3 });
        Assert.Equal(("elf", "notes"), Fault(Assert.Throws<BootFormatException>(() => file.Notes.All)));
    }

    [Fact]
    public void The_count_goes_over_segments_and_sections()
    {
        byte[] two = new TestNotes().Add("A", 1, 0u).Add("A", 2, 0u).Bytes;
        TestElf elf = new TestElf().Add(new TestSegment(SegmentType.Note, two)).Add(new TestSection(".notes", SectionType.Note, two));
        Assert.Equal(4, elf.Open(new Limits { MaximumNotes = 4 }).Notes.All.Length);
        ElfFile file = elf.Open(new Limits { MaximumNotes = 3 });
        Assert.Equal(2, file.Notes.InSegments.Length);
        Assert.Throws<BootFormatException>(() => file.Notes.InSections);
        Assert.Throws<BootFormatException>(() => file.Notes.InSections);
    }

    [Fact]
    public void A_kernel_is_not_read_behind_its_notes_where_segments_have_the_answer()
    {
        byte[] bytes = new TestElf()
            .Add(new TestNotes().Add("Xen", 8, "generic").Add("Xen", 1, 0xffffffff81000000ul).Segment())
            .Add(new TestSegment(SegmentType.Load, new byte[5000]))
            .Build();
        var counting = new CountingKernelBytes(bytes);
        XenNotes notes = ElfFile.Open(counting).Notes.Xen;
        Assert.Equal("generic", notes.Loader);
        Assert.Equal(0xffffffff81000000ul, notes.Entry!.Value.Value);
        Assert.Null(notes.GuestOs);
        Assert.Null(notes.Phys32Entry);
        Assert.True(counting.End < 300, $"{counting.End}");
    }

    private static (string Structure, string Field) Fault(BootFormatException error) => (error.Structure, error.Field);

    private static string Text(Note note) => System.Text.Encoding.UTF8.GetString(note.Descriptor);

    private sealed class CountingKernelBytes(byte[] bytes) : KernelBytes
    {
        public long End { get; private set; }

        public override long Length => bytes.Length;

        protected override ReadOnlySpan<byte> ReadChecked(long offset, int length)
        {
            End = Math.Max(End, offset + length);
            return bytes.AsSpan((int)offset, length);
        }
    }
}
