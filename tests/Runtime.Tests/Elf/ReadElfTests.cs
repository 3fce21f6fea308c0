using System.Globalization;
using BootProtocol.Elf;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Elf;

/// <summary>What readelf says about real kernels, the library says too.</summary>
[Needs(Need.Kernels)]
public sealed class ReadElfTests
{
    private const string Code = """
        int data = 1;
        static int hidden;
        int __attribute__((weak)) run(void) { return data + hidden++; }
        int run2(void) { return run(); }

        """;

    public static TheoryData<string> All => DecodedKernels.All;

    public static TheoryData<string> AllWithMach => [.. DecodedKernels.All, .. DecodedKernels.Mach];

    [Theory]
    [MemberData(nameof(AllWithMach))]
    public void Headers_are_those_of_readelf(string name)
    {
        string output = DecodedKernels.RunTool("readelf", ["-W", "-h"], name);
        ElfFile file = DecodedKernels.Open(name);
        ElfHeader header = file.Header;
        Assert.Equal(ReadElf.Header(output, "Class"), $"ELF{(int)file.Word}");
        Assert.Equal(ReadElf.Header(output, "Entry point address"), $"0x{header.Entry.Value:x}");
        Assert.Equal(ReadElf.Header(output, "Start of program headers").Split(' ')[0], $"{header.ProgramHeaderOffset}");
        Assert.Equal(ReadElf.Header(output, "Start of section headers").Split(' ')[0], $"{header.SectionHeaderOffset}");
        Assert.Equal(ReadElf.Header(output, "Number of program headers"), $"{file.Segments.Count}");
        Assert.Equal(ReadElf.Header(output, "Number of section headers"), $"{file.Sections.Count}");
    }

    [Theory]
    [MemberData(nameof(AllWithMach))]
    public void Segments_are_those_of_readelf(string name)
    {
        string[] expected = ReadElf.Segments(DecodedKernels.RunTool("readelf", ["-W", "-l"], name));
        string[] found = [.. DecodedKernels.Open(name).Segments.Select(segment =>
            $"{Name(segment.Type)} {segment.FileOffset:x} {segment.VirtualAddress.Value:x} {segment.PhysicalAddress.Value:x} "
            + $"{segment.FileSize:x} {segment.MemorySize:x} {Rights(segment.Flags)} {segment.Alignment:x}")];
        Assert.NotEmpty(found);
        Assert.Equal(expected, found);
    }

    [Theory]
    [MemberData(nameof(AllWithMach))]
    public void Sections_are_those_of_readelf(string name)
    {
        string[] expected = ReadElf.Sections(DecodedKernels.RunTool("readelf", ["-W", "-S"], name));
        string[] found = [.. DecodedKernels.Open(name).Sections.Select(section =>
            $"{section.Index} {section.Name} {Name(section.Type)} {section.Address.Value:x} {section.FileOffset:x} {section.Size:x} "
            + $"{section.EntrySize:x} {section.Link} {section.Info} {section.Alignment}")];
        Assert.NotEmpty(found);
        Assert.Equal(expected, found);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Notes_are_those_of_readelf(string name)
    {
        List<string> expected = [.. ReadElf.Notes(DecodedKernels.RunTool("readelf", ["-W", "-n"], name))];
        NoteTable notes = DecodedKernels.Open(name).Notes;
        string[] found = [.. notes.All.Select(note =>
            $"{note.Owner} {note.DeclaredSize:x} {Convert.ToHexStringLower(note.Descriptor)}")];
        if (name.EndsWith("grub-i386-xen.bin", StringComparison.Ordinal))
        {
            // readelf gives this one up: its descriptor should have 12 bytes, and the file ends after 4 of them.
            expected.Add("Xen c 79657300");
            Assert.True(notes.All[^1].IsClipped);
        }

        Assert.NotEmpty(found);
        Assert.Equal(expected, found);
        Assert.Empty(notes.InSections);
    }

    /// <summary>Notes of a section alone, owned by "name", as readelf shows them. What is Xen's comes from its section of texts.</summary>
    [Theory]
    [MemberData(nameof(DecodedKernels.Mach), MemberType = typeof(DecodedKernels))]
    public void Notes_of_sections_are_those_of_readelf(string name)
    {
        NoteTable notes = DecodedKernels.Open(name).Notes;
        Assert.Equal(
            ReadElf.Notes(DecodedKernels.RunTool("readelf", ["-W", "-n"], name)),
            notes.InSections.Select(note => $"{note.Owner} {note.DeclaredSize:x} {Convert.ToHexStringLower(note.Descriptor)}"));
        Assert.Equal(9, notes.InSections.Length);
        Assert.Equal("GNU Mach", notes.Xen.GuestOs);
    }

    [Theory]
    [InlineData(WordSize.Bits64)]
    [InlineData(WordSize.Bits32)]
    public void Symbols_are_those_of_readelf(WordSize word)
    {
        using var folder = new TemporaryFolder();
        folder.Write("code.c", Code);
        _ = ToolRun.Start("gcc", [$"-m{(int)word}", "-ffreestanding", "-c", "code.c"], folder.Path).Succeeded();
        string[] expected = ReadElf.Symbols(ToolRun.Start("readelf", ["-W", "-s", "code.o"], folder.Path).Succeeded());

        ElfFile file = ElfFile.Open(KernelBytes.FromMemory(File.ReadAllBytes(folder.File("code.o"))));
        SymbolTable symbols = file.Symbols!;
        var found = new List<string>();
        foreach (SymbolEntry entry in symbols)
            found.Add(Describe(entry, file));
        Assert.Equal(word, file.Word);
        Assert.Equal(expected.Length, symbols.Count);
        Assert.Equal(expected, found);

        Assert.True(symbols.TryFind("run2", out SymbolEntry run));
        Assert.Equal(SymbolType.Function, run.Symbol.Info.GetKind());
        Assert.Equal("run2", run.Name);
        Assert.False(symbols.TryFind("run3", out _));
        Assert.False(symbols.TryFind("un2", out _));
    }

    private static string Describe(SymbolEntry entry, ElfFile file)
    {
        Symbol symbol = entry.Symbol;
        SymbolType kind = symbol.Info.GetKind();

        // readelf shows a section's symbol by the name of the section.
        string name = kind == SymbolType.Section ? file.Sections[symbol.SectionIndex].Name : entry.Name;
        string kindName = kind switch
        {
            SymbolType.None => "NOTYPE",
            SymbolType.Function => "FUNC",
            _ => kind.ToString().ToUpperInvariant(),
        };
        string section = (SectionIndex)symbol.SectionIndex switch
        {
            SectionIndex.Undefined => "UND",
            SectionIndex.Absolute => "ABS",
            _ => symbol.SectionIndex.ToString(CultureInfo.InvariantCulture),
        };
        string binding = symbol.Info.GetBinding().ToString().ToUpperInvariant();
        return $"{entry.Index} {symbol.Value.Value:x} {symbol.Size} {kindName} {binding} {section} {name}".TrimEnd();
    }

    private static string Name(SegmentType type) => type switch
    {
        SegmentType.GnuStack => "GNU_STACK",
        _ => type.ToString().ToUpperInvariant(),
    };

    private static string Name(SectionType type) => type switch
    {
        SectionType.ProgramBits => "PROGBITS",
        SectionType.StringTable => "STRTAB",
        _ => type.ToString().ToUpperInvariant(),
    };

    private static string Rights(SegmentFlags flags) =>
        (flags.HasFlag(SegmentFlags.Read) ? "R" : "")
        + (flags.HasFlag(SegmentFlags.Write) ? "W" : "")
        + (flags.HasFlag(SegmentFlags.Execute) ? "E" : "");
}
