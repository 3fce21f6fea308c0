using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Rules;
using BootProtocol.Runtime.Tests.Cli;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Runtime.Tests.Images;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Kernels;

/// <summary>Work grows with length for all that reads an image, with the smallest units that there are.</summary>
[Collection(nameof(MeasuringTests))]
public sealed class ImageGrowthTests
{
    [Theory]
    [InlineData("5d2a4d1800000000", 6_000)] // frames that decoders skip, each of which looks like LZMA at first
    [InlineData("502a4d1800000000", 6_000)]
    [InlineData("1f8b0800000000000003030000000000000000000000", 2_000)] // whole files of no output
    [InlineData("28b52ffd000001000000", 2_000)]
    [InlineData("28b52ffd2000010000", 2_000)]
    [InlineData("04224d186040820000000000", 2_000)]
    [InlineData("02214c18", 10_000)]
    [InlineData("fd377a585a000000ff12d941", 2_000)]
    [InlineData("425a683931415926535900000000", 2_000)]
    [InlineData("425a6839177245385090", 2_000)]
    [InlineData("894c5a4f000d0a1a0a", 2_000)]
    [InlineData("5d00008000ffffffffffffffff00", 2_000)]
    [InlineData("7f454c46020101", 2_000)]
    [InlineData("1f", 40_000)]
    public void A_payload_is_searched_for(string unit, int count) => CountedWork.Call(Work.Search, unit, count);

    [Fact]
    public void Notes_are_read() => CountedWork.Call(Work.Notes);

    [Fact]
    public void Segments_and_sections_are_read() => CountedWork.Call(Work.SegmentsAndSections);

    [Fact]
    public void Headers_that_share_notes_are_read() => CountedWork.Call(Work.SharedNotes);

    [Fact]
    public void Symbols_are_looked_up() => CountedWork.Call(Work.Symbols);

    [Theory]
    [InlineData("IKCFG_ST")]
    [InlineData("IKCFG_ST\u001f\u008b\u0008")]
    public void A_configuration_is_searched_for(string mark) => CountedWork.Call(Work.Configuration, mark);

    [Fact]
    public void Relocations_are_read() => CountedWork.Call(Work.Relocations);

    [Fact]
    public void Headers_of_pe_are_read() => CountedWork.Call(Work.PeHeaders);

    /// <summary>The work, where it is counted.</summary>
    private static class Work
    {
        private const int Many = 1000;

        public static void Search(string unit, int count)
        {
            byte[] bytes = Convert.FromHexString(unit);
            CountedWork.GrowsWithLength(unit, () => Find(count), () => Find(CountedWork.Factor * count));

            void Find(int units)
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

        public static void Notes()
        {
            Read("notes", count => new TestElf().Add(Make(count).Segment()).Build());
            Read("notes, 8", count => new TestElf().Add(Make(count).Segment(8)).Build());
            Read("empty notes, 8", count => new TestElf().Add(new TestSegment(SegmentType.Note, new byte[12 * count]) { Alignment = 8 }).Build());
            Read("notes in sections", count => new TestElf().Add(Make(count).Section()).Build());
            Read("notes in both", count => new TestElf().Add(Make(count).Segment()).Add(Make(count).Section()).Build());
            Read("segments", count => new TestElf().Add([.. Enumerable.Repeat(Make(1).Segment(), count)]).Build());
            Read("sections", count => new TestElf().Add([.. Enumerable.Repeat(Make(1).Section(), count)]).Build());

            static TestNotes Make(int count)
            {
                var notes = new TestNotes();
                for (int i = 0; i < count; i++)
                    notes.Add("Own", 1, "");
                return notes;
            }
        }

        public static void SegmentsAndSections()
        {
            var load = new TestSegment(SegmentType.Load, new byte[8]) { Flags = SegmentFlags.Read };
            Read("loads", count => new TestElf().Add(Loads(count, i => i)).Build());
            Read("loads backwards", count => new TestElf().Add(Loads(count, i => count - i)).Build());
            Read("empty sections", count => new TestElf().Add(Sections(count, "", [])).Build());
            Read("names", count => new TestElf().Add(Sections(count, new string('n', 40), [1])).Build());

            TestSegment[] Loads(int count, Func<int, int> page) =>
                [.. Enumerable.Range(0, count).Select(i => load with { PhysicalAddress = (ulong)page(i) << 12 })];

            static TestSection[] Sections(int count, string name, byte[] data) =>
                [.. Enumerable.Repeat(new TestSection(name, SectionType.ProgramBits, data), count)];
        }

        /// <summary>A region that is clean by 8 up to its last note, and headers that all lead to it.</summary>
        public static void SharedNotes() => Read(
            "shared notes",
            count =>
            {
                var region = new TestNotes();
                for (int i = 0; i < count; i++)
                    region.Add("GNU", 5, Convert.FromHexString("010001c0040000000300000000000000"), 8);
                byte[] notes = region.Add("GNU", 1, 0u).Add(4, 99, 1).Add("GNU\0"u8).Bytes;
                var segment = new TestSegment(SegmentType.Note, notes) { Alignment = 8 };
                byte[] bytes = new TestElf { HasSections = false }
                    .Add(segment)
                    .Add([.. Enumerable.Repeat(segment with { Data = [] }, count)])
                    .Build();
                ProgramHeader first = ProgramHeader.Parse(bytes.AsSpan(64), WordSize.Bits64);
                for (int i = 1; i <= count; i++)
                {
                    ProgramHeader.Writer header = ProgramHeader.Edit(bytes.AsSpan(64 + (i * 56)), WordSize.Bits64);
                    header.FileOffset = first.FileOffset;
                    header.FileSize = first.FileSize;
                }

                return bytes;
            });

        public static void Symbols() => Read(
            "symbols",
            count =>
            {
                var elf = new TestElf();
                byte[] symbol = elf.MakeSymbol(1, 0x1000, 8, SymbolType.Function);
                return elf.Add(
                    new TestSection(".strtab", SectionType.StringTable, [0, .. "symbol\0"u8]),
                    new TestSection(".symtab", SectionType.SymbolTable, [.. Enumerable.Repeat(symbol, count).SelectMany(bytes => bytes)])
                    {
                        Link = 1,
                        EntrySize = (ulong)symbol.Length,
                    }).Build();
            });

        public static void Configuration(string mark)
        {
            byte[] unit = System.Text.Encoding.Latin1.GetBytes(mark);
            Read(mark, count => [.. new TestElf().Build(), .. Enumerable.Repeat(unit, count).SelectMany(bytes => bytes)]);
        }

        public static void Relocations() => Read("relocations", count => [.. new TestElf().Build(), .. new byte[10 * count]]);

        public static void PeHeaders()
        {
            CountedWork.GrowsWithLength("pe", () => Ask(Many), () => Ask(CountedWork.Factor * Many));

            static void Ask(int count)
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
        private static void Read(string what, Func<int, byte[]> make)
        {
            (byte[] small, byte[] large) = (make(Many), make(CountedWork.Factor * Many));
            CountedWork.GrowsWithLength(what, () => Ask(small), () => Ask(large));
            using var folder = new TemporaryFolder();
            (string smallPath, string largePath) = (folder.File("small"), folder.File("large"));
            File.WriteAllBytes(smallPath, small);
            File.WriteAllBytes(largePath, large);
            foreach (string[] arguments in (string[][])[["inspect"], ["inspect", "--json"]])
                CountedWork.GrowsWithLength(
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
    }
}
