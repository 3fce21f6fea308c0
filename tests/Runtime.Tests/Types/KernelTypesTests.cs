using System.Text;
using System.Text.Json;
using BootProtocol.Btf;
using BootProtocol.Cli;
using BootProtocol.Cli.Layouts;
using BootProtocol.Cli.Reports;
using BootProtocol.Elf;
using BootProtocol.Runtime.Tests.Cli;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Testing;
using BootProtocol.Types;

namespace BootProtocol.Runtime.Tests.Types;

/// <summary>Types of C that gcc describes, and hostile ones.</summary>
public sealed class KernelTypesTests : IDisposable
{
    private const string Source = """
        enum colour { RED = 2, GREEN = 7 };
        enum wide { SMALL = 1, LARGE = 0x123456789abcULL };
        typedef int (*handler_t)(const char *name, struct tree *where, ...);
        struct tree {
            struct tree *left, *const right;
            unsigned char key[8];
            unsigned int low : 3, high : 13;
            union { long number; void *pointer; };
            struct { short x, y; } place;
            handler_t handler;
            int (*rows)[5];
            void (*done)(void);
            enum colour colour;
            enum wide wide;
            double weight;
            const char *const *names;
            volatile void *device;
        };
        typedef struct tree tree_t;
        tree_t root;
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(64)]
    [InlineData(32)]
    [Needs(Need.Tools)]
    public void Declarations_are_those_of_the_source(int bits)
    {
        string path = Compile(bits);
        using var json = JsonDocument.Parse(CliRun.Start("layout", "--from", path, "tree", "--json").Succeeded());
        string[] members =
        [
            .. json.RootElement.GetProperty("members").EnumerateArray()
                .Select(member => $"{member.GetProperty("offset")} {member.GetProperty("size")} {member.GetProperty("type")} {member.GetProperty("name")}"),
        ];
        int word = bits / 8;
        int bitFields = (2 * word) + 8;
        int number = bits == 64 ? bitFields + 8 : bitFields + 4;
        int handler = number + word + (bits == 64 ? 8 : 4);
        Assert.Equal(
        [
            $"0 {word} struct tree * left",
            $"{word} {word} struct tree *const right",
            $"{2 * word} 8 unsigned char[8] key",
            $"{bitFields} 4 unsigned int low",
            $"{bitFields} 4 unsigned int high",
            $"{number} {word} long int number",
            $"{number} {word} void * pointer",
            $"{number + word} 4 struct {{...}} place",
            $"{number + word} 2 short int place.x",
            $"{number + word + 2} 2 short int place.y",
            $"{handler} {word} handler_t handler",
            $"{handler + word} {word} int (*)[5] rows",
            $"{handler + (2 * word)} {word} void (*)(void) done",
            $"{handler + (3 * word)} 4 enum colour colour",
            $"{handler + (3 * word) + (bits == 64 ? 8 : 4)} 8 enum wide wide",
            $"{handler + (3 * word) + (bits == 64 ? 16 : 12)} 8 double weight",
            $"{handler + (3 * word) + (bits == 64 ? 24 : 20)} {word} const char *const * names",
            $"{handler + (4 * word) + (bits == 64 ? 24 : 20)} {word} volatile void * device",
        ],
            members);
        JsonElement high = json.RootElement.GetProperty("members")[4];
        Assert.Equal((3, 13), (high.GetProperty("bit_offset").GetInt32(), high.GetProperty("bits").GetInt32()));
    }

    [Fact]
    [Needs(Need.Tools)]
    public void Names_are_of_structures_first_and_of_other_names_then()
    {
        string path = Compile(64);
        Assert.Equal(CliRun.Start("layout", "--from", path, "tree").Succeeded(), CliRun.Start("layout", "--from", path, "tree_t").Succeeded());
        Assert.Equal(CliRun.Start("layout", "--from", path, "tree").Succeeded(), CliRun.Start("layout", "--from", path, "struct tree").Succeeded());
        Assert.Contains("did you mean 'tree'?", CliRun.Start("layout", "--from", path, "tre").Failed(2), StringComparison.Ordinal);
        Assert.Contains("has the name 'union tree'", CliRun.Start("layout", "--from", path, "union tree").Failed(2), StringComparison.Ordinal);
        string all = CliRun.Start("layout", "--from", path).Succeeded();
        Assert.Contains("3 structures, unions and enumerations", all, StringComparison.Ordinal);

        KernelTypes types = KernelTypes.Read(ElfFile.Open(KernelBytes.FromMemory(File.ReadAllBytes(path))))!;
        Assert.True(types.TryFind("colour", out KernelType colour));
        Assert.Equal([new("RED", 2), new("GREEN", 7)], colour.Values);
        Assert.True(types.TryFind("handler_t", out KernelType handler));
        Assert.Equal("int (*)(const char *, struct tree *, ...)", handler.ToString());
        Assert.True(types.TryFind("tree", out KernelType tree));
        Assert.True(types.TryFind("struct tree", out KernelType same) && same == tree && tree != handler);
        Assert.Equal("void", types[0].ToString());
        Assert.Throws<BootFormatException>(() => types[types.Count]);
    }

    [Fact]
    public void What_has_no_types_is_one_line() => Assert.Contains(
        "it has no types: built without DEBUG_INFO_BTF", CliRun.Start("layout", "--from", SampleFile(), "x").Failed(1), StringComparison.Ordinal);

    /// <summary>Every changed byte of a small file ends in a result or in the one exception.</summary>
    [Fact]
    [Needs(Need.Tools)]
    public void Changed_bytes_are_read_or_refused()
    {
        byte[] file = File.ReadAllBytes(Compile(64));
        Section section = default;
        Assert.True(ElfFile.Open(KernelBytes.FromMemory(file)).Sections.TryFind(KernelTypes.SectionName, out section));
        int refused = 0;
        for (int at = (int)section.FileOffset; at < (int)(section.FileOffset + section.Size); at++)
        {
            byte old = file[at];
            foreach (byte value in (byte[])[0, 1, 0x7f, 0xff])
            {
                file[at] = value;
                refused += Examine(file) ? 0 : 1;
            }

            file[at] = old;
        }

        Assert.True(refused > 100, $"{refused} are refused");
        Assert.True(Examine(file));
    }

    /// <summary>Values have a sign where the enumeration says so, and 64 bits where it is of that kind.</summary>
    [Fact]
    public void Values_of_enumerations_have_their_width_and_sign()
    {
        byte[] values = new byte[BtfEnum64.Layout.Size];
        BtfEnum64.Writer wide = BtfEnum64.Create(values);
        wide.NameOffset = 1;
        wide.Low = 0x9abcdef0;
        wide.High = 0xf2345678;
        Assert.Equal([new("a", 0xf2345678_9abcdef0)], Types([.. Record(1, 19, 1, 8), .. values])[1].Values);
        Assert.Equal([new("a", unchecked((long)0xf2345678_9abcdef0))], Types([.. Record(1, 19, 1, 8, isFlagged: true), .. values])[1].Values);

        values = new byte[BtfEnum.Layout.Size];
        BtfEnum.Writer narrow = BtfEnum.Create(values);
        narrow.NameOffset = 1;
        narrow.Value = -1;
        Assert.Equal([new("a", uint.MaxValue)], Types([.. Record(1, 6, 1, 4), .. values])[1].Values);
        Assert.Equal([new("a", -1)], Types([.. Record(1, 6, 1, 4, isFlagged: true), .. values])[1].Values);
    }

    /// <summary>A pointer to itself has a text and a size; another name of itself has neither.</summary>
    [Fact]
    public void Circles_end()
    {
        var pointer = Types(Record(0, 2, 0, 1));
        Assert.Equal(8, pointer[1].Size);
        Assert.StartsWith("...", pointer[1].ToString(), StringComparison.Ordinal);
        KernelTypes name = Types(Record(1, 8, 0, 1));
        Assert.Throws<BootFormatException>(() => name[1].Size);
        Assert.Throws<BootFormatException>(() => name[1].Resolved);
        Assert.Throws<BootFormatException>(() => Types(Record(0, 20, 0, 0)));
    }

    /// <summary>Names can be made as long as the file, and be in a text any number of times.</summary>
    [Fact]
    public void Name_that_is_longer_than_any_in_C_is_refused()
    {
        Assert.Equal(4096, Types(Record(1, 4, 0, 4), new string('a', 4096))[1].Name.Length);
        Assert.Equal(
            "btf.name_off: expected the place of a text of at most 4096 bytes, in 4099 bytes of texts, found 1",
            Assert.Throws<BootFormatException>(() => Types(Record(1, 4, 0, 4), new string('a', 4097))[1].Name).Message);
    }

    /// <summary>Each of 24 unnamed structures stands twice in the one around it: that makes 33 million places.</summary>
    [Fact]
    public void Unnamed_structures_in_each_other_end()
    {
        const int Depth = 24;
        byte[] records =
        [
            .. Enumerable.Range(1, Depth).SelectMany(static id => (byte[])[.. Record(id == 1 ? 1u : 0, 4, 2, 0), .. Member(0, id + 1), .. Member(0, id + 1)]),
            .. Record(0, 4, 0, 0),
        ];
        KernelType structure = Types(records)[1];
        BootFormatException refusal = Assert.Throws<BootFormatException>(() => KernelRow.Of(structure).Count());
        Assert.Equal(BootErrorCode.TooLarge, refusal.Error.Code);
    }

    /// <summary>A name that holds a command for the terminal is shown, and no command.</summary>
    [Fact]
    public void Names_are_spelt_out()
    {
        const string Name = "\u001b[31m";
        KernelTypes types = Types([.. Record(1, 4, 1, 8), .. Member(1, 1), .. Record(1, 6, 1, 4), 1, 0, 0, 0, 7, 0, 0, 0], Name);
        Report[] reports =
        [
            KernelLayoutReport.Create(types[1]), KernelLayoutReport.Create(types[2]), KernelLayoutReport.Create(Name, [types[1], types[2]]),
        ];
        foreach (Report report in reports)
        {
            using var output = new StringWriter();
            using var console = new ToolConsole(output, TextWriter.Null);
            ReportPrinter.Print(report, console);
            Assert.Contains(@"\u001b[31m", output.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', output.ToString());
        }
    }

    private static byte[] Member(uint name, int type)
    {
        byte[] bytes = new byte[BtfMember.Layout.Size];
        BtfMember.Writer member = BtfMember.Create(bytes);
        member.NameOffset = name;
        member.TypeId = (uint)type;
        return bytes;
    }

    private static byte[] Record(uint name, int kind, int count, uint type, bool isFlagged = false)
    {
        byte[] bytes = new byte[BtfRecord.Layout.Size];
        BtfRecord.Writer record = BtfRecord.Create(bytes);
        record.NameOffset = name;
        record.Info = default(BtfInfo).WithKind((BtfKind)kind).WithCount((uint)count) | (isFlagged ? BtfInfo.KindFlag : 0);
        record.TypeId = type;
        return bytes;
    }

    private static KernelTypes Types(byte[] records, string name = "a")
    {
        byte[] strings = Encoding.ASCII.GetBytes($"\0{name}\0");
        byte[] section = new byte[24];
        BtfHeader.Writer header = BtfHeader.Create(section);
        header.Version = 1;
        header.HeaderLength = (uint)section.Length;
        header.TypesLength = (uint)records.Length;
        header.StringsOffset = (uint)records.Length;
        header.StringsLength = (uint)strings.Length;
        byte[] file = new TestElf().Add(new TestSection(KernelTypes.SectionName, SectionType.ProgramBits, [.. section, .. records, .. strings])).Build();
        return KernelTypes.Read(ElfFile.Open(KernelBytes.FromMemory(file)))!;
    }

    private static bool Examine(byte[] file)
    {
        try
        {
            KernelTypes types = KernelTypes.Read(ElfFile.Open(KernelBytes.FromMemory(file)))!;
            for (int id = 0; id < types.Count; id++)
            {
                _ = types[id].ToString();
                _ = types[id].Size;
                _ = types[id].Members.Count() + types[id].Values.Count();
            }

            return true;
        }
        catch (BootFormatException)
        {
            return false;
        }
    }

    private string SampleFile()
    {
        File.WriteAllBytes(_folder.File("sample"), BootProtocol.Sample.SampleGuest.Create(WordSize.Bits64));
        return _folder.File("sample");
    }

    /// <summary>A program of no code is enough of a kernel: an ELF file that is linked.</summary>
    private string Compile(int bits)
    {
        File.WriteAllText(_folder.File("types.c"), Source + "void _start(void) { }\n");
        string[] options = [$"-m{bits}", "-gbtf", "-nostdlib", "-static", "-ffreestanding", "-no-pie", "-fno-pie", "-o", "types", "types.c"];
        _ = ToolRun.Start("gcc", options, _folder.Path).Succeeded();
        return _folder.File("types");
    }
}
