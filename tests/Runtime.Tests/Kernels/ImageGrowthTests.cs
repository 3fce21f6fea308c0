using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Rules;
using BootProtocol.Runtime.Tests.Cli;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Runtime.Tests.Images;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Kernels;

/// <summary>Time grows with length for all that reads an image, with the smallest units that there are.</summary>
[Collection(nameof(MeasuringTests))]
public sealed class ImageGrowthTests
{
    [Theory]
    [InlineData("5d2a4d1800000000", 15_000)] // frames that decoders skip, each of which looks like LZMA at first
    [InlineData("502a4d1800000000", 15_000)]
    [InlineData("1f8b0800000000000003030000000000000000000000", 5_000)] // whole files of no output
    [InlineData("28b52ffd000001000000", 5_000)]
    [InlineData("28b52ffd2000010000", 5_000)]
    [InlineData("04224d186040820000000000", 5_000)]
    [InlineData("02214c18", 25_000)]
    [InlineData("fd377a585a000000ff12d941", 5_000)]
    [InlineData("425a683931415926535900000000", 5_000)]
    [InlineData("425a6839177245385090", 5_000)]
    [InlineData("894c5a4f000d0a1a0a", 5_000)]
    [InlineData("5d00008000ffffffffffffffff00", 5_000)]
    [InlineData("7f454c46020101", 5_000)]
    [InlineData("1f", 100_000)]
    public void A_payload_is_searched_for(string unit, int count)
    {
        byte[] bytes = Convert.FromHexString(unit);
        ThreadTime.GrowsWithLength(unit, () => Search(count), () => Search(ThreadTime.Factor * count));

        void Search(int units)
        {
            byte[] image = TestImages.Old();
            int start = image.Length;
            Array.Resize(ref image, start + (units * bytes.Length) + 64);
            for (int i = 0; i < units; i++)
                bytes.CopyTo(image, start + (i * bytes.Length));
            using var opened = BootImage.Open(image);
            if (opened.FindPayload() is not { } found)
                return;
            try
            {
                using Kernel kernel = found.Decompress();
                _ = kernel.IsElf && kernel.Notes.All.Length > 0;
            }
            catch (BootFormatException)
            {
                // What was found may be broken behind its beginning.
            }
        }
    }

    [Fact]
    public void Notes_are_read()
    {
        Read("notes", count => new TestElf().Add(Notes(count).Segment()).Build(), 4000);
        Read("notes, 8", count => new TestElf().Add(Notes(count).Segment(8)).Build(), 4000);
        Read("empty notes, 8", count => new TestElf().Add(new TestSegment(SegmentType.Note, new byte[12 * count]) { Alignment = 8 }).Build(), 4000);
        Read("notes in sections", count => new TestElf().Add(Notes(count).Section()).Build(), 4000);
        Read("segments", count => new TestElf().Add([.. Many(count, Notes(1).Segment())]).Build(), 4000);
        Read("sections", count => new TestElf().Add([.. Many(count, Notes(1).Section())]).Build(), 4000);

        static TestNotes Notes(int count)
        {
            var notes = new TestNotes();
            for (int i = 0; i < count; i++)
                notes.Add("Own", 1, "");
            return notes;
        }
    }

    [Fact]
    public void Segments_and_sections_are_read()
    {
        var load = new TestSegment(SegmentType.Load, new byte[8]) { Flags = SegmentFlags.Read };
        Read(
            "loads",
            count => new TestElf().Add([.. Many(count, load).Select((segment, i) => segment with { PhysicalAddress = (ulong)i << 12 })]).Build(),
            4000);
        Read(
            "loads backwards",
            count => new TestElf()
                .Add([.. Many(count, load).Select((segment, i) => segment with { PhysicalAddress = (ulong)(count - i) << 12 })]).Build(),
            4000);
        Read("empty sections", count => new TestElf().Add([.. Many(count, new TestSection("", SectionType.ProgramBits, []))]).Build(), 4000);
        Read("names", count => new TestElf().Add([.. Many(count, new TestSection(new string('n', 40), SectionType.ProgramBits, [1]))]).Build(), 4000);
    }

    [Fact]
    public void Symbols_are_looked_up() => Read(
        "symbols",
        count =>
        {
            var elf = new TestElf();
            byte[] symbol = elf.MakeSymbol(1, 0x1000, 8, SymbolType.Function);
            return elf.Add(
                new TestSection(".strtab", SectionType.StringTable, [0, .. "symbol\0"u8]),
                new TestSection(".symtab", SectionType.SymbolTable, [.. Many(count, symbol).SelectMany(bytes => bytes)])
                {
                    Link = 1,
                    EntrySize = (ulong)symbol.Length,
                }).Build();
        },
        8_000);

    [Theory]
    [InlineData("IKCFG_ST")]
    [InlineData("IKCFG_ST\u001f\u008b\u0008")]
    public void A_configuration_is_searched_for(string mark)
    {
        byte[] unit = System.Text.Encoding.Latin1.GetBytes(mark);
        Read(mark, count => [.. new TestElf().Build(), .. Many(count, unit).SelectMany(bytes => bytes)], 8_000);
    }

    [Fact]
    public void Relocations_are_read() => Read("relocations", count => [.. new TestElf().Build(), .. new byte[4 * count]], 100_000);

    [Fact]
    public void Headers_of_pe_are_read()
    {
        ThreadTime.GrowsWithLength("pe", () => Ask(4000), () => Ask(4000 * ThreadTime.Factor));

        static void Ask(ushort count)
        {
            byte[] head = [.. "MZ"u8, .. new byte[58], 0x40, 0, 0, 0, .. "PE\0\0"u8, 0x64, 0x86, (byte)count, (byte)(count >> 8)];
            byte[] image = [.. head, .. new byte[16 + (40 * count)]];
            using var opened = BootImage.Open(image);
            Assert.True(opened.TryGetPe(out PeView pe));
            Assert.Equal(count, pe.Sections.Count);
            _ = TestImages.AskEverything(image);
        }
    }

    /// <summary>All that the library and the tool read of an ELF file with so many units.</summary>
    private static void Read(string what, Func<int, byte[]> make, int count)
    {
        (byte[] small, byte[] large) = (make(count), make(ThreadTime.Factor * count));
        ThreadTime.GrowsWithLength(what, () => Ask(small), () => Ask(large));
        // The tool prints each unit, which allocates: of fewer of them, so that no collection is measured.
        (small, large) = (make(count / 4), make(ThreadTime.Factor * count / 4));
        using var folder = new TemporaryFolder();
        (string smallPath, string largePath) = (folder.File("small"), folder.File("large"));
        File.WriteAllBytes(smallPath, small);
        File.WriteAllBytes(largePath, large);
        foreach (string[] arguments in (string[][])[["inspect"], ["inspect", "--json"]])
            ThreadTime.GrowsWithLength(
                $"{what}, {string.Join(' ', arguments)}",
                () => CliRun.Start([.. arguments, smallPath]),
                () => CliRun.Start([.. arguments, largePath]));
    }

    private static void Ask(byte[] bytes)
    {
        using var image = BootImage.Open(bytes);
        using Kernel kernel = image.Decompress();
        Try(() => kernel.Notes.All.Length);
        Try(() => kernel.BootWays.Length);
        Try(() => kernel.Elf.LoadSegments.Length);
        Try(() => kernel.Elf.Sections.Sum(section => section.Name.Length));
        Try(() => kernel.Elf.Symbols?.TryFind("missing", out _));
        Try(() => kernel.Relocations);
        Try(() => kernel.Configuration);

        static void Try(Func<object?> question)
        {
            try
            {
                question();
            }
            catch (BootFormatException)
            {
                // An answer too.
            }
        }
    }

    private static IEnumerable<T> Many<T>(int count, T unit) => Enumerable.Repeat(unit, count);
}
