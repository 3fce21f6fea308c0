using BootProtocol.LinuxX86;
using BootProtocol.Runtime.Tests.OwnSpecs.Demo;
using BootProtocol.Runtime.Tests.OwnSpecs.DemoBig;
using BootProtocol.Specs;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.Specs;

public sealed class SpecReaderTests
{
    public static TheoryData<string> Structures => [.. SpecCatalog.Structures.Select(structure => structure.Name)];

    [Theory]
    [MemberData(nameof(Structures))]
    public void Every_prefix_of_any_bytes_gives_the_fields_that_fit(string name)
    {
        SpecStructure structure = SpecCatalog.FindStructure(name)!;
        foreach (WordSize word in new[] { WordSize.Bits32, WordSize.Bits64 })
        {
            SpecVariant variant = structure.Variant(word);
            byte[] bytes = new byte[variant.Size + 3];
            new Random(structure.Name.Length).NextBytes(bytes);
            int step = Math.Max(1, bytes.Length / 300);
            for (int length = 0; length <= bytes.Length; length += step)
            {
                SpecRecord record = SpecReader.Read(structure, bytes.AsSpan(0, length), word);
                Assert.True(record.Length <= (variant.Tail.IsEmpty ? Math.Min(length, variant.Size) : length));
                Assert.All(record.Fields, field => Assert.True(field.Offset + field.Size <= record.Length));
            }

            Assert.NotEmpty(SpecReader.Read(structure, bytes, word).ToString());
        }
    }

    [Fact]
    public void A_structure_without_versions_has_every_named_field_that_is_meant()
    {
        SpecStructure structure = StartInfo.Layout.Info;
        SpecRecord record = SpecReader.Read(structure, new byte[StartInfo.Layout.Size64]);
        string[] others = ["console_dom0", "mod_start_pfn"];
        IEnumerable<SpecField> meant = structure.Variants[1].Fields.Where(field => field.Name.Length > 0 && !others.Contains(field.Name));
        Assert.Equal(meant, record.Fields.Select(field => field.Field));
        Assert.Null(record.Version);
    }

    [Fact]
    public void The_variants_differ_in_place_and_size()
    {
        byte[] bytes = new byte[StartInfo.Layout.Size64];
        bytes[0x28] = 0x18;
        Assert.Equal("0x18 SIF_MOD_START_PFN SIF_VIRT_P2M_4TOOLS", Text(SpecReader.Read(StartInfo.Layout.Info, bytes, WordSize.Bits32), "flags"));
        Assert.Equal("0x18", Text(SpecReader.Read(StartInfo.Layout.Info, bytes), "shared_info"));
    }

    [Fact]
    public void A_counted_array_has_as_many_elements_as_its_count_says()
    {
        byte[] bytes = new byte[BootParams.Layout.Size];
        BootParams.Writer writer = BootParams.Edit(bytes);
        writer.E820Entries = 2;
        writer.GetE820Table(1).Addr = new Paddr(0x100000);
        SpecRecord record = SpecReader.Read(BootParams.Layout.Info, bytes);
        var table = (SpecArray)record.Find("e820_table")!.Value;
        Assert.Equal(2, table.Elements.Length);
        Assert.Equal("0x100000", Text((SpecRecord)table.Elements[1], "addr"));

        bytes[0x1e8] = 255;
        Assert.Equal(128, ((SpecArray)SpecReader.Read(BootParams.Layout.Info, bytes).Find("e820_table")!.Value).Elements.Length);
    }

    [Fact]
    public void A_version_decides_about_fields_even_where_it_is_not_stored()
    {
        byte[] bytes = new byte[HvmStartInfo.Layout.Size];
        HvmStartInfo.Create(bytes, version: 0);
        SpecRecord old = SpecReader.Read(HvmStartInfo.Layout.Info, bytes);
        Assert.Equal(0u, old.Version);
        Assert.Null(old.Find("memmap_paddr"));
        Assert.NotNull(SpecReader.Read(HvmStartInfo.Layout.Info, bytes, version: 1).Find("memmap_paddr"));
    }

    [Fact]
    public void Flags_without_a_name_are_told_and_fields_of_bits_have_their_value()
    {
        SpecEnumeration flags = SpecCatalog.FindEnumeration("load_flags")!;
        var value = new SpecFlagSet(flags, 0x85);
        Assert.Equal(["LOADED_HIGH", "CAN_USE_HEAP"], value.Names);
        Assert.Equal(0x4ul, value.Unknown);
        Assert.Equal("0x85 LOADED_HIGH CAN_USE_HEAP unknown=0x4", value.ToString());

        SpecEnumeration loader = SpecCatalog.FindEnumeration("loader_type")!;
        Assert.Equal("0x72 version=0x2 type=GRUB", new SpecFlagSet(loader, 0x72).ToString());
        Assert.Equal("0x0", new SpecFlagSet(loader, 0).ToString());
    }

    [Fact]
    public void Values_of_an_enumeration_have_names_where_it_knows_them()
    {
        SpecEnumeration modes = SpecCatalog.FindEnumeration("video_mode")!;
        Assert.Equal("65535 NORMAL_VGA", new SpecEnumValue(modes, 0xffff).ToString());
        Assert.Null(new SpecEnumValue(modes, 3).Name);
        Assert.Equal("3", new SpecEnumValue(modes, 3).ToString());
    }

    [Fact]
    public void Numbers_follow_the_byte_order_and_keep_their_sign()
    {
        byte[] bytes = [0x12, 0x34, 0xff, 0xfe];
        Assert.Equal("{ a = 13330, b = -257 }", SpecReader.Read(Pair(isBigEndian: false), bytes).ToString());
        Assert.Equal("{ a = 4660, b = -2 }", SpecReader.Read(Pair(isBigEndian: true), bytes).ToString());
    }

    [Fact]
    public void Notes_follow_the_byte_order_of_their_protocol()
    {
        SpecNotes notes = BigNotes.Layout.Info;
        Assert.Equal("1", Note(1, 0, 0, 0, 1));
        Assert.Equal("-2", Note(2, 0xff, 0xfe));
        Assert.Equal("[1, 515]", Note(3, 0, 1, 2, 3));

        string Note(uint number, params byte[] descriptor) =>
            SpecNoteReader.Read(notes.Notes.Single(note => note.Number == number), descriptor, WordSize.Bits64).ToString();
    }

    [Fact]
    public void Counted_text_and_bytes_are_as_long_as_their_count_says()
    {
        byte[] bytes = [3, .. "abcdefgh"u8, 1, 2, 3, 4];
        Assert.True(Counted.Parse(bytes).Text.SequenceEqual("abc"u8));
        Assert.Equal([1, 2, 3], Counted.Parse(bytes).Blob.ToArray());
        SpecRecord record = SpecReader.Read(Counted.Layout.Info, bytes);
        Assert.Equal("\"abc\"", Text(record, "text"));
        Assert.Equal(Counted.Parse(bytes).Blob.ToArray(), ((SpecBytes)record.Find("blob")!.Value).Bytes);

        bytes[0] = 255;
        Assert.Equal("\"abcdefgh\"", Text(SpecReader.Read(Counted.Layout.Info, bytes), "text"));
        Assert.Equal(4, Counted.Parse(bytes).Blob.Length);
    }

    [Fact]
    public void Text_that_would_command_a_terminal_is_spelled_out()
    {
        Assert.Equal("\"a\\u001b[2J\\u202eb\"", new SpecText("a\u001b[2J\u202eb").ToString());
        Assert.Equal("6.1+deb \u00e9", SpecText.Printable("6.1+deb \u00e9"));
    }

    private static SpecStructure Pair(bool isBigEndian) => new()
    {
        Name = "pair",
        Protocol = "test",
        Doc = "",
        IsBigEndian = isBigEndian,
        Variants =
        [
            new SpecVariant
            {
                Bits = 0,
                Size = 4,
                Alignment = 2,
                FloorLength = 4,
                Fields = [Number("a", "u16", SpecKind.Unsigned, 0), Number("b", "s16", SpecKind.Signed, 2)],
            },
        ],
    };

    private static SpecField Number(string name, string type, SpecKind kind, int offset) =>
        new() { Name = name, Type = type, Kind = kind, Offset = offset, Size = 2, ElementSize = 2, Doc = "" };

    private static string Text(SpecRecord record, string field) => record.Find(field)!.Value.ToString();
}
