using BootProtocol.Elf;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Elf;

/// <summary>Whatever the bytes, the answer is a result or the one exception.</summary>
public sealed class HostileElfTests
{
    private static readonly byte[] _values = [0x00, 0x01, 0x04, 0x7f, 0x80, 0xff];

    public static TheoryData<string> All => DecodedKernels.All;

    [Theory]
    [InlineData(WordSize.Bits32, false)]
    [InlineData(WordSize.Bits32, true)]
    [InlineData(WordSize.Bits64, false)]
    [InlineData(WordSize.Bits64, true)]
    [Needs(Need.Time)]
    public void Every_prefix_and_every_changed_byte_of_a_small_file(WordSize word, bool isExtended)
    {
        byte[] file = Small(word, isExtended);
        Assert.Equal(0, ElfExamination.Of(file).Refusals);
        for (int length = 0; length < file.Length; length++)
            Assert.True(ElfExamination.Of(file.AsMemory(0, length)).Refusals > 0);

        int refused = 0;
        for (int i = 0; i < file.Length; i++)
        {
            byte original = file[i];
            for (int value = 0; value < 256; value += i < 232 ? 15 : 51)
            {
                file[i] = (byte)value;
                refused += ElfExamination.Of(file).Refusals > 0 ? 1 : 0;
            }

            file[i] = original;
        }

        Assert.True(refused > 0);
    }

    [Theory]
    [MemberData(nameof(All))]
    [Needs(Need.Kernels)]
    public void Every_changed_byte_of_the_headers_and_notes_of_real_kernels(string name)
    {
        byte[] kernel = (byte[])DecodedKernels.Bytes(name).Clone();
        ElfFile file = ElfFile.Open(KernelBytes.FromMemory(kernel));

        // Behind an ELF file that is no Linux may be anything: the shim's own relocations, for one.
        string first = ElfExamination.Of(kernel).First;
        Assert.True(first.Length == 0 || (!file.Notes.HasNotes("Linux") && first.StartsWith("relocations", StringComparison.Ordinal)), first);
        List<int> places = [.. Enumerable.Range(0, file.Header.AsSpan().Length)];
        places.AddRange(Enumerable.Range((int)file.Header.ProgramHeaderOffset, file.Segments.Count * file.Header.ProgramHeaderSize));
        foreach (Segment segment in file.Segments.Where(segment => segment.Type == SegmentType.Note))
            places.AddRange(Enumerable.Range((int)segment.FileOffset, (int)segment.FileSize));
        for (int i = 0; i < places.Count; i++)
        {
            // Each place gets half of the values; those of the next place are the other half.
            int place = places[i];
            byte original = kernel[place];
            for (int j = i % 2; j < _values.Length; j += 2)
            {
                kernel[place] = _values[j];
                _ = ElfExamination.Of(kernel);
            }

            kernel[place] = (byte)(original ^ 0x10);
            _ = ElfExamination.Of(kernel);
            kernel[place] = original;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    [Needs(Need.Kernels)]
    public void Shortened_real_kernels(string name)
    {
        byte[] kernel = DecodedKernels.Bytes(name);
        ElfFile file = ElfFile.Open(KernelBytes.FromMemory(kernel));
        foreach (int length in Enumerable.Range(0, 600).Append(kernel.Length / 2))
            Assert.True(ElfExamination.Of(kernel.AsMemory(0, length)).Refusals > 0);
        for (long length = file.EndOfFile - 100; length < Math.Min(kernel.Length, file.EndOfFile + 100); length++)
            _ = ElfExamination.Of(kernel.AsMemory(0, (int)length));
    }

    [Fact]
    [Needs(Need.Time)]
    public void Random_changes_by_the_thousand()
    {
        // Seeded, so that what fails once fails again.
        var random = new Random(3);
        byte[][] files = [Small(WordSize.Bits32, false), Small(WordSize.Bits64, false), Small(WordSize.Bits64, true)];
        for (int i = 0; i < 5_000; i++)
        {
            byte[] file = (byte[])files[i % files.Length].Clone();
            for (int changes = random.Next(1, 8); changes > 0; changes--)
            {
                int place = random.Next(file.Length);
                int size = Math.Min(1 << random.Next(4), file.Length - place);
                file.AsSpan(place, size).Fill(_values[random.Next(_values.Length)]);
            }

            _ = ElfExamination.Of(file);
        }
    }

    [Fact]
    public void A_table_of_millions_of_headers_takes_no_memory()
    {
        // 16 MiB of program headers, all of them to be loaded.
        const int Count = 300_000;
        byte[] file = new byte[64 + (Count * 56) + 64];
        new TestElf { HasSections = false }.Add(new TestSegment(SegmentType.Load, []) { PhysicalAddress = 0x1000 }).Build().CopyTo(file, 0);
        for (int i = 1; i < Count; i++)
            file.AsSpan(64, 56).CopyTo(file.AsSpan(64 + (i * 56)));
        ElfHeader.Writer header = ElfHeader.Edit(file, WordSize.Bits64);
        header.ProgramHeaderCount = 0xffff;
        header.SectionHeaderOffset = (ulong)file.Length - 64;
        header.SectionHeaderSize = 64;
        SectionHeader.Create(file.AsSpan(file.Length - 64), WordSize.Bits64).Info = Count;

        long before = GC.GetAllocatedBytesForCurrentThread();
        ElfFile elf = ElfFile.Open(KernelBytes.FromMemory(file));
        Assert.Equal(Count, elf.Segments.Count);
        Assert.Equal("e_phnum", Assert.Throws<BootFormatException>(() => elf.LoadSegments).Field);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 32 << 20);
    }

    private static byte[] Small(WordSize word, bool isExtended)
    {
        var elf = new TestElf { Word = word, IsExtended = isExtended, Entry = 0x100000 };
        int symbolSize = ViewAccess.SizeOf<Symbol>(word);
        return elf
            .Add(
                new TestSegment(SegmentType.Load, new byte[32]) { PhysicalAddress = 0x100000, MemorySize = 0x4000 },
                new TestNotes()
                    .Add("Xen", 6, "linux")
                    .Add("Xen", 5, "xen-3.0")
                    .Add("Xen", 9, "yes")
                    .Add("Xen", 10, "!writable_page_tables|dom0"u8)
                    .Add("Xen", 1, 0x100000u)
                    .Add("Xen", 18, 0x100010u)
                    .Add("Xen", 19, [0, 0, 0x20, 0])
                    .Segment(),
                new TestNotes()
                    .Add("Xen", 13, new byte[16])
                    .Pad(8)
                    .Add("GNU", 5, new byte[16], 8)
                    .Segment(8))
            .Add(
                new TestNotes().Add("GNU", 3, new byte[20]).Add("Linux", 0x100, "salt").Section(),
                new TestSection(".strtab", SectionType.StringTable, "\0one\0linux_banner\0"u8.ToArray()),
                new TestSection(
                    ".symtab",
                    SectionType.SymbolTable,
                    [.. elf.MakeSymbol(1, 0x100000, 4, SymbolType.Function), .. elf.MakeSymbol(5, 0x100008, 8, SymbolType.Object)])
                {
                    Link = 2,
                    EntrySize = (ulong)symbolSize,
                },
                new TestSection("__xen_guest", SectionType.ProgramBits, "LOADER=generic,VIRT_ENTRY=0x100000,PAE=yes"u8.ToArray()))
            .Build();
    }
}
