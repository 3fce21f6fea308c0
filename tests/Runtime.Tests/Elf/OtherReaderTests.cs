using BootProtocol.Elf;
using BootProtocol.Runtime.Tests.Output;
using BootProtocol.Sample;
using BootProtocol.Testing;
using ELFSharp.ELF;
using ELFSharp.ELF.Segments;
using Theirs = ELFSharp.ELF.Sections;

namespace BootProtocol.Runtime.Tests.Elf;

/// <summary>What another reader of ELF files, ELFSharp, finds in real images and in all files that are written here.</summary>
public sealed class OtherReaderTests
{
    /// <summary>GRUB's only segment of notes ends within the last of them: the other reader gives the file up there.</summary>
    private static readonly string[] _givenUp = ["grub-i386-xen.bin", DecodedKernels.Grub214For32];

    public static TheoryData<string> Real => [.. DecodedKernels.All, .. DecodedKernels.Mach, "xen/xen.gz", "xen-4.20/xen.gz"];

    public static TheoryData<string> Written => ["sample-32", "sample-64", "linux64", "linux32", "pvh", "xen-pv 32", "xen-pv 64", "segments"];

    [Theory]
    [MemberData(nameof(Real))]
    [Needs(Need.Kernels)]
    public void Real_images_are_read_alike(string name)
    {
        byte[] file = DecodedKernels.Bytes(name);
        if (_givenUp.Contains(name))
        {
            Assert.Contains("note-data is out of bounds", Assert.ThrowsAny<Exception>(() => Compare(file)).Message, StringComparison.Ordinal);
            return;
        }

        Compare(file);
    }

    [Theory]
    [MemberData(nameof(Written))]
    public void Written_files_are_read_alike(string name)
    {
        byte[] file = name switch
        {
            "sample-32" => SampleKernel.Link(WordSize.Bits32).Elf.ToArray(),
            "sample-64" => SampleKernel.Link(WordSize.Bits64).Elf.ToArray(),
            "segments" => TestGuest.PhysicalElf(),
            _ => TestGuest.Elf(name),
        };
        Compare(file);
    }

    private static void Compare(byte[] file)
    {
        using var stream = new MemoryStream(file);
        ElfFile ours = ElfFile.Open(KernelBytes.FromMemory(file));
        if (ours.Word == WordSize.Bits64)
            Compare(ours, ELFReader.Load<ulong>(stream, shouldOwnStream: false));
        else
            Compare(ours, ELFReader.Load<uint>(stream, shouldOwnStream: false));
    }

    private static void Compare<T>(ElfFile ours, ELF<T> theirs)
        where T : struct
    {
        Assert.Equal($"{theirs.EntryPoint}", $"{ours.Header.Entry.Value}");
        Assert.Equal(
            theirs.Segments.Select(segment =>
                $"{(uint)segment.Type:x} {segment.Offset:x} {segment.Address:x} {segment.PhysicalAddress:x} {segment.FileSize:x} {segment.Size:x} "
                + $"{(uint)segment.Flags} {segment.Alignment:x}"),
            ours.Segments.Select(segment =>
                $"{(uint)segment.Type:x} {segment.FileOffset:x} {segment.VirtualAddress.Value:x} {segment.PhysicalAddress.Value:x} "
                + $"{segment.FileSize:x} {segment.MemorySize:x} {(uint)segment.Flags} {segment.Alignment:x}"));
        foreach ((Segment<T> segment, int index) in theirs.Segments.Select((segment, index) => (segment, index)))
        {
            if (segment.FileSize > 0)
                Assert.True(segment.GetFileContents().AsSpan().SequenceEqual(ours.Read(ours.Segments[index])));
        }

        CompareSections(ours, theirs);
        CompareNotes(ours, theirs);
        CompareSymbols(ours, theirs);
    }

    /// <summary>Where a file has no section headers, the other reader takes its first bytes for one that says how many there are.</summary>
    private static void CompareSections<T>(ElfFile ours, ELF<T> theirs)
        where T : struct
    {
        if (ours.Header.SectionHeaderOffset == 0)
        {
            Assert.Empty(ours.Sections);
            return;
        }

        Assert.Equal(
            theirs.Sections.Select(section =>
                $"{section.Name} {(uint)section.Type:x} {section.LoadAddress:x} {section.Offset:x} {section.Size:x} {section.Alignment:x} "
                + $"{section.EntrySize:x}"),
            ours.Sections.Select(section =>
                $"{section.Name} {(uint)section.Type:x} {section.Address.Value:x} {section.FileOffset:x} {section.Size:x} {section.Alignment:x} "
                + $"{section.EntrySize:x}"));
    }

    /// <summary>Of a section of notes, the other reader has the first one only.</summary>
    private static void CompareNotes<T>(ElfFile ours, ELF<T> theirs)
        where T : struct
    {
        string[] found = [.. ours.Notes.All.Select(note => $"{note.Owner} {note.Type:x} {Convert.ToHexString(note.Descriptor)}")];
        if (theirs.Segments.Any(segment => segment is INoteSegment))
        {
            Assert.Equal(
                theirs.Segments.OfType<INoteSegment>().SelectMany(segment => segment.Notes).Select(note =>
                    $"{note.Name} {note.Type:x} {Convert.ToHexString([.. note.Description])}"),
                found);
        }
        else if (ours.Notes.InSections.Length > 0)
        {
            Theirs.NoteSection<T> section = theirs.Sections.OfType<Theirs.NoteSection<T>>().First();
            Assert.Equal($"{section.NoteName} {section.NoteType:x} {Convert.ToHexString(section.Description)}", found[0]);
        }
    }

    private static void CompareSymbols<T>(ElfFile ours, ELF<T> theirs)
        where T : struct
    {
        Theirs.SymbolTable<T>? table = theirs.Sections.OfType<Theirs.SymbolTable<T>>().FirstOrDefault(table => table.Type == Theirs.SectionType.SymbolTable);
        List<string> found = [];
        if (ours.Symbols is { } symbols)
        {
            foreach (SymbolEntry entry in symbols)
                found.Add($"{entry.Name} {entry.Symbol.Value.Value:x} {entry.Symbol.Size:x} {(uint)entry.Symbol.Info.GetKind()} {entry.Symbol.SectionIndex}");
        }

        IEnumerable<string> expected = table is null
            ? []
            : table.Entries.Select(symbol => $"{symbol.Name} {symbol.Value:x} {symbol.Size:x} {(uint)symbol.Type} {symbol.PointedSectionIndex}");
        Assert.Equal(expected, found);
    }
}
