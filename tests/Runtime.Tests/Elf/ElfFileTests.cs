using System.Text;
using BootProtocol.Elf;
using BootProtocol.Rules;

namespace BootProtocol.Runtime.Tests.Elf;

public sealed class ElfFileTests
{
    public static TheoryData<WordSize> Words => [WordSize.Bits32, WordSize.Bits64];

    [Theory]
    [MemberData(nameof(Words))]
    public void Counts_can_stand_in_section_header_0(WordSize word)
    {
        ElfFile file = new TestElf { Word = word, IsExtended = true }
            .Add(Load(0x2000), Load(0x1000))
            .Add(new TestSection(".a", SectionType.ProgramBits, [1, 2, 3]))
            .Open();
        Assert.Equal(0xffff, file.Header.ProgramHeaderCount);
        Assert.Equal(2, file.Segments.Count);
        Assert.Equal(3, file.Sections.Count);
        Assert.Equal(["", ".a", TestElf.NamesSection], file.Sections.Select(section => section.Name));
        Assert.True(file.Sections.TryFind(".a", out Section found));
        Assert.Equal([1, 2, 3], found.Bytes.ToArray());
    }

    [Theory]
    [MemberData(nameof(Words))]
    public void Headers_can_be_larger_than_expected(WordSize word)
    {
        var elf = new TestElf { Word = word, ProgramHeaderSize = 72, SectionHeaderSize = 80 };
        ElfFile file = elf.Add(Load(0x1000), Load(0x3000)).Open();
        Assert.Equal([0x1000ul, 0x3000ul], file.Segments.Select(segment => segment.PhysicalAddress.Value));
        Assert.Equal(["", TestElf.NamesSection], file.Sections.Select(section => section.Name));
    }

    [Theory]
    [MemberData(nameof(Words))]
    public void Headers_that_are_too_small_are_refused(WordSize word)
    {
        byte[] bytes = new TestElf { Word = word }.Add(Load(0)).Build();
        ElfHeader.Edit(bytes, word).ProgramHeaderSize = 31;
        Fails("elf_ehdr", "e_phentsize", () => ElfFile.Open(KernelBytes.FromMemory(bytes)).LoadSegments);

        bytes = new TestElf { Word = word }.Add(Load(0)).Build();
        ElfHeader.Edit(bytes, word).SectionHeaderSize = 39;
        ElfFile file = ElfFile.Open(KernelBytes.FromMemory(bytes));
        Lacks("elf_ehdr", "e_shentsize", file);
        Assert.Single(file.LoadSegments);
    }

    [Theory]
    [MemberData(nameof(Words))]
    public void A_file_without_tables_has_nothing(WordSize word)
    {
        ElfFile file = new TestElf { Word = word, HasSections = false }.Open();
        Assert.Empty(file.Segments);
        Assert.Empty(file.LoadSegments);
        Assert.Empty(file.Sections);
        Assert.Null(file.Symbols);
        Assert.Empty(file.Notes.All);
        Assert.Null(file.Notes.XenGuest);
        Assert.Equal(file.Header.AsSpan().Length, file.EndOfFile);
        Assert.All(BootWays.Of(file), way => Assert.Equal("it has no segment to load", way.Reason));
    }

    [Fact]
    public void A_table_of_no_sections_is_one()
    {
        byte[] bytes = new TestElf { IsExtended = true }.Build();
        ElfHeader header = ElfHeader.Parse(bytes, WordSize.Bits64);
        SectionHeader.Edit(bytes.AsSpan((int)header.SectionHeaderOffset), WordSize.Bits64).Size = 0;
        Assert.Empty(ElfFile.Open(KernelBytes.FromMemory(bytes)).Sections);
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(0x10000ul)]
    [InlineData(ulong.MaxValue)]
    [InlineData(ulong.MaxValue / 64)]
    public void A_count_in_section_header_0_that_does_not_fit_is_refused(ulong count)
    {
        byte[] bytes = new TestElf { IsExtended = true }.Build();
        ElfHeader header = ElfHeader.Parse(bytes, WordSize.Bits64);
        SectionHeader.Edit(bytes.AsSpan((int)header.SectionHeaderOffset), WordSize.Bits64).Size = count;
        ElfFile file = ElfFile.Open(KernelBytes.FromMemory(bytes));
        if (count == 0)
            Assert.Empty(file.Sections);
        else
            Lacks("elf_ehdr", "e_shoff", file);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 55)]
    [InlineData(1ul << 63)]
    [InlineData(0x7ffffffffffffff0ul)]
    public void Tables_that_wrap_are_refused(ulong offset)
    {
        byte[] bytes = new TestElf().Add(Load(0)).Build();
        ElfHeader.Edit(bytes, WordSize.Bits64).ProgramHeaderOffset = offset;
        BootFormatException error = Fails("elf_ehdr", "e_phoff", () => ElfFile.Open(KernelBytes.FromMemory(bytes)).LoadSegments);
        Assert.Equal(0x20, error.Offset);

        bytes = new TestElf().Add(Load(0)).Build();
        ElfHeader.Edit(bytes, WordSize.Bits64).SectionHeaderOffset = offset;
        Lacks("elf_ehdr", "e_shoff", ElfFile.Open(KernelBytes.FromMemory(bytes)));
    }

    [Theory]
    [InlineData(ulong.MaxValue, 1ul)]
    [InlineData(0ul, ulong.MaxValue)]
    [InlineData(0x100ul, ulong.MaxValue - 0xff)]
    [InlineData(0ul, 0x100000000ul)]
    public void Segments_outside_of_the_file_are_refused(ulong offset, ulong size)
    {
        byte[] bytes = new TestElf().Add(Load(0), Load(0x5000)).Build();
        ProgramHeader.Writer second = ProgramHeader.Edit(bytes.AsSpan(64 + 56), WordSize.Bits64);
        second.FileOffset = offset;
        second.FileSize = size;
        second.MemorySize = ulong.MaxValue;
        BootFormatException error = Fails("elf_phdr", "p_offset", () => ElfFile.Open(KernelBytes.FromMemory(bytes)).LoadSegments);
        Assert.Equal(64 + 56 + 8, error.Offset);

        ElfFile broken = ElfFile.Open(KernelBytes.FromMemory(bytes));
        Assert.Equal(2, broken.Segments.Count);
        Assert.Equal(error.Error, Assert.Single(broken.Segments.Faults));
        Fails("elf_phdr", "p_offset", () => broken.Read(broken.Segments[1]).Length);
        Fails("elf_phdr", "p_offset", () => broken.EndOfFile);
        Assert.All(BootWays.Of(broken), way => Assert.Contains(error.Message, way.Reason, StringComparison.Ordinal));

        second.Type = SegmentType.GnuStack;
        Assert.Single(ElfFile.Open(KernelBytes.FromMemory(bytes)).LoadSegments);
        second.Type = SegmentType.Null;
        Assert.Equal(2, ElfFile.Open(KernelBytes.FromMemory(bytes)).Segments.Count);
    }

    [Fact]
    public void Segments_that_wrap_in_memory_or_shrink_are_refused()
    {
        Fails("elf_phdr", "p_memsz", () => new TestElf().Add(Load(0x1000) with { MemorySize = ulong.MaxValue - 0xffe }).Open().LoadSegments);
        Fails("elf_phdr", "p_memsz", () => new TestElf().Add(Load(0x1000) with { MemorySize = 3 }).Open().LoadSegments);
        Assert.Single(new TestElf().Add(Load(0x1000) with { MemorySize = ulong.MaxValue - 0x1000 }).Open().LoadSegments);
    }

    [Fact]
    public void Segments_go_into_memory_in_the_order_of_their_physical_addresses()
    {
        ElfFile file = new TestElf().Add(
            Load(0x3000) with { VirtualAddress = 1 },
            Load(0x1000) with { VirtualAddress = 9 },
            Load(0x2000) with { Flags = 0 },
            new TestSegment(SegmentType.GnuStack, [1])).Open();
        Assert.Equal([1, 0], file.LoadSegments.Select(segment => segment.Index));
        Assert.Equal([1, 2, 3, 4], file.Read(file.LoadSegments[0]).ToArray());
        Assert.True(file.LoadSegments[0].Contains(new Paddr(0x1003)));
        Assert.False(file.LoadSegments[0].Contains(new Paddr(0x1004)));
        Assert.False(file.LoadSegments[0].Contains(new Paddr(0xfff)));
    }

    [Fact]
    public void Names_outside_of_their_section_are_refused_when_they_are_read()
    {
        byte[] bytes = new TestElf().Add(new TestSection(".a", SectionType.ProgramBits, [1])).Build();
        ElfHeader header = ElfHeader.Parse(bytes, WordSize.Bits64);
        SectionHeader.Writer section = SectionHeader.Edit(bytes.AsSpan((int)header.SectionHeaderOffset + 64), WordSize.Bits64);
        section.NameOffset = uint.MaxValue;
        ElfFile file = ElfFile.Open(KernelBytes.FromMemory(bytes));
        Fails("elf_shdr", "sh_name", () => file.Sections[1].Name);
        Assert.False(file.Sections.TryFind(".a", out _));
        Assert.Equal(TestElf.NamesSection, file.Sections[2].Name);
    }

    [Fact]
    public void Names_without_an_end_or_of_great_length_are_refused()
    {
        ElfFile file = new TestElf().Add(new TestSection(new string('x', 4097), SectionType.ProgramBits, [1])).Open();
        Fails("elf_shdr", "sh_name", () => file.Sections[1].Name);
        file = new TestElf().Add(new TestSection(new string('x', 4096), SectionType.ProgramBits, [1])).Open();
        Assert.Equal(4096, file.Sections[1].Name.Length);

        byte[] bytes = new TestElf().Build();
        bytes[Array.LastIndexOf(bytes, (byte)'b') + 1] = (byte)'x';
        Fails("elf_shdr", "sh_name", () => ElfFile.Open(KernelBytes.FromMemory(bytes)).Sections[1].Name);
    }

    [Fact]
    public void A_section_of_names_that_is_none_is_refused()
    {
        byte[] bytes = new TestElf().Add(new TestSection(".a", SectionType.ProgramBits, [1])).Build();
        ElfHeader.Edit(bytes, WordSize.Bits64).SectionNamesIndex = 3;
        Lacks("elf_ehdr", "e_shstrndx", ElfFile.Open(KernelBytes.FromMemory(bytes)));
        ElfHeader.Edit(bytes, WordSize.Bits64).SectionNamesIndex = 1;
        Lacks("elf_ehdr", "e_shstrndx", ElfFile.Open(KernelBytes.FromMemory(bytes)));
        ElfHeader.Edit(bytes, WordSize.Bits64).SectionNamesIndex = 0;
        Assert.Equal(["", "", ""], ElfFile.Open(KernelBytes.FromMemory(bytes)).Sections.Select(section => section.Name));
    }

    [Fact]
    public void The_end_of_the_file_is_exact()
    {
        // Zeroes that take no room do not count, however large they are; whatever is last counts.
        TestElf elf = new TestElf()
            .Add(Load(0x1000))
            .Add(new TestSection(".bss", SectionType.NoBits, []) { Size = 1ul << 40 });
        byte[] bytes = elf.Build();
        Assert.Equal(bytes.Length, ElfFile.Open(KernelBytes.FromMemory(bytes)).EndOfFile);
        byte[] longer = [.. bytes, .. new byte[12]];
        Assert.Equal(bytes.Length, ElfFile.Open(KernelBytes.FromMemory(longer)).EndOfFile);
        SectionHeader.Writer last = SectionHeader.Edit(longer.AsSpan(bytes.Length - 64), WordSize.Bits64);
        last.Size = (ulong)longer.Length - 7 - last.AsView().FileOffset;
        Assert.Equal(bytes.Length + 5, ElfFile.Open(KernelBytes.FromMemory(longer)).EndOfFile);

        byte[] bare = [.. new TestElf { HasSections = false }.Add(Load(0x1000)).Build(), 0xff];
        Assert.Equal(bare.Length - 1, ElfFile.Open(KernelBytes.FromMemory(bare)).EndOfFile);
    }

    [Theory]
    [MemberData(nameof(Words))]
    public void Symbols_are_found_in_either_table(WordSize word)
    {
        byte[] texts = Encoding.UTF8.GetBytes("\0one\0two\0");
        var elf = new TestElf { Word = word };
        byte[] table = [.. elf.MakeSymbol(0, 0, 0, SymbolType.None), .. elf.MakeSymbol(5, 0x1234, 8, SymbolType.Object)];
        int size = table.Length / 2;
        elf.Add(
            new TestSection(".dynstr", SectionType.StringTable, texts),
            new TestSection(".dynsym", SectionType.DynamicSymbols, [.. table, 1, 2]) { Link = 1, EntrySize = (ulong)size });
        SymbolTable symbols = elf.Open().Symbols!;
        Assert.Equal(2, symbols.Count);
        Assert.True(symbols.TryFind("two", out SymbolEntry two));
        Assert.Equal((1, 0x1234ul, 8ul), (two.Index, two.Symbol.Value.Value, two.Symbol.Size));

        elf.Add(new TestSection(".symtab", SectionType.SymbolTable, table) { Link = 1, EntrySize = (ulong)size });
        Assert.Equal(".symtab", elf.Open().Symbols!.Section.Name);
    }

    [Theory]
    [InlineData(2u, 24ul, "sh_link")]
    [InlineData(9u, 24ul, "sh_link")]
    [InlineData(1u, 0ul, "sh_entsize")]
    [InlineData(1u, 23ul, "sh_entsize")]
    [InlineData(1u, ulong.MaxValue, "sh_entsize")]
    public void Broken_symbol_tables_are_refused(uint link, ulong size, string field)
    {
        TestElf elf = new TestElf().Add(
            new TestSection(".strtab", SectionType.StringTable, [0]),
            new TestSection(".symtab", SectionType.SymbolTable, new byte[48]) { Link = link, EntrySize = size });
        Fails("elf_shdr", field, () => elf.Open().Symbols);
    }

    [Fact]
    public void Entries_of_a_symbol_table_have_a_most_and_a_least_size()
    {
        TestElf elf = new TestElf().Add(
            new TestSection(".strtab", SectionType.StringTable, [0]),
            new TestSection(".symtab", SectionType.SymbolTable, new byte[48]) { Link = 1, EntrySize = 1UL << 31 });
        var fault = Assert.Throws<BootFormatException>(() => elf.Open().Symbols);
        Assert.Equal(("24 to 2147483647 bytes", "2147483648"), (fault.Expected, fault.Found));
    }

    [Fact]
    public void Symbols_with_broken_names_are_passed_over_and_their_names_refused()
    {
        var elf = new TestElf();
        elf.Add(
            new TestSection(".strtab", SectionType.StringTable, "\0ab"u8.ToArray()),
            new TestSection(".symtab", SectionType.SymbolTable, elf.MakeSymbol(1, 0, 0, SymbolType.None)) { Link = 1, EntrySize = 24 });
        SymbolTable symbols = elf.Open().Symbols!;
        Assert.False(symbols.TryFind("ab", out _));
        Fails("elf_sym", "st_name", () => symbols[0].Name);
        Assert.Throws<ArgumentOutOfRangeException>(() => symbols[1].Index);
    }

    [Theory]
    [InlineData("", "elf_ident", "")]
    [InlineData("7f454c46", "elf_ident", "")]
    [InlineData("7f454c47020101000000000000000000", "elf_ident", "EI_MAG3")]
    [InlineData("7f454c46020201000000000000000000", "elf_ident", "EI_DATA")]
    [InlineData("7f454c46030101000000000000000000", "elf_ident", "EI_CLASS")]
    [InlineData("7f454c46020101000000000000000000", "elf_ehdr", "")]
    public void What_is_no_such_file_is_refused(string bytes, string structure, string field) =>
        Fails(structure, field, () => ElfFile.Open(KernelBytes.FromMemory(Convert.FromHexString(bytes))));

    [Fact]
    public void Reading_outside_of_a_kernel_is_refused()
    {
        KernelBytes bytes = KernelBytes.FromMemory(new byte[8]);
        Assert.Equal(0, bytes.Read(8, 0).Length);
        Assert.Equal(8, bytes.Read(0, 8).Length);
        Assert.Throws<BootFormatException>(() => bytes.Read(8, 1).Length);
        Assert.Throws<BootFormatException>(() => bytes.Read(-1, 1).Length);
        Assert.Throws<BootFormatException>(() => bytes.Read(1, long.MaxValue).Length);
        Assert.Throws<BootFormatException>(() => bytes.Read(long.MaxValue, long.MaxValue).Length);
        Assert.Throws<BootFormatException>(() => bytes.Read(0, -1).Length);
    }

    private static TestSegment Load(ulong address) =>
        new(SegmentType.Load, [1, 2, 3, 4]) { PhysicalAddress = address, Flags = SegmentFlags.Read | SegmentFlags.Execute };

    /// <summary>The sections have a fault, which costs nothing but what it is about.</summary>
    private static void Lacks(string structure, string field, ElfFile file)
    {
        Assert.Equal((structure, field), (file.Sections.Faults[0].Structure, file.Sections.Faults[0].Field));
        Assert.False(file.Sections.TryFind("any", out _));
        Assert.Null(file.Symbols);
        Assert.Empty(file.Notes.All);
    }

    private static BootFormatException Fails(string structure, string field, Func<object?> action)
    {
        BootFormatException error = Assert.Throws<BootFormatException>(action);
        Assert.Equal((structure, field), (error.Structure, error.Field));
        Assert.DoesNotContain('\n', error.Message);
        return error;
    }
}
