using BootProtocol.Elf;
using BootProtocol.Rules;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.Elf;

public sealed class XenGuestStringTests
{
    private const string Linux2616 =
        "GUEST_OS=linux,GUEST_VER=2.6,XEN_VER=xen-3.0,VIRT_BASE=0xC0000000,ELF_PADDR_OFFSET=0xC0000000,VIRT_ENTRY=0xc0100000,"
        + "HYPERCALL_PAGE=0x102,FEATURES=writable_page_tables|!auto_translated_physmap,PAE=yes[extended-cr3],LOADER=generic,"
        + "BSD_SYMTAB\0junk,LOADER=no";

    [Fact]
    public void It_stands_for_the_notes_that_took_its_place()
    {
        ElfFile file = Make(Linux2616).Open();
        XenNotes notes = file.Notes.Xen;
        Assert.Equal(("linux", "2.6", "xen-3.0", "generic"), (notes.GuestOs, notes.GuestVersion, notes.XenVersion, notes.Loader));
        Assert.Equal(0xc0000000ul, notes.VirtBase.Value);
        Assert.Equal(0xc0000000ul, notes.PaddrOffset);
        Assert.Equal(0xc0100000ul, notes.Entry!.Value.Value);
        Assert.Equal(0xc0102000ul, notes.HypercallPage!.Value.Value);
        Assert.Equal("yes[extended-cr3]", notes.PaeMode);
        Assert.Equal("yes", notes.BsdSymtab);
        Assert.Equal("writable_page_tables|!auto_translated_physmap", notes.Features);
        Assert.Null(notes.Phys32Entry);
        Assert.Null(notes.InitP2M);

        var kernel = XenGuestParameters.Read(file);
        Assert.Equal(XenPaeMode.ExtendedCr3, kernel.PaeMode);
        Assert.True(kernel.WantsBsdSymbols);
        Assert.Equal((0xc0100000ul, 0xc0100004ul), (kernel.Start.Value, kernel.End.Value));
        Assert.Equal(XenFeatures.AutoTranslatedPhysmap, kernel.Features.Required);
        string reason = BootWays.Of(file).Single(way => way.Way == BootWay.XenPv).Reason!;
        Assert.Equal("it requires auto_translated_physmap, which no paravirtualised domain has", reason);
        ElfFile other = Make(Linux2616.Replace("!auto", "auto", StringComparison.Ordinal)).Open();
        Assert.True(BootWays.Of(other).Single(way => way.Way == BootWay.XenPv).Possible);
        Assert.Equal("it has no note PHYS32_ENTRY", BootWays.Of(file).Single(way => way.Way == BootWay.Pvh).Reason);
    }

    [Fact]
    public void Notes_replace_it()
    {
        ElfFile file = Make(Linux2616).Add(new TestNotes().Add("Xen", 8, "other").Segment()).Open();
        Assert.Null(file.Notes.XenGuest);
        Assert.Equal("other", file.Notes.Xen.Loader);
        Assert.Null(file.Notes.Xen.GuestOs);
    }

    [Fact]
    public void The_offset_is_the_virtual_base_where_it_is_missing()
    {
        XenNotes notes = Make("VIRT_BASE=0xc0000000").Open().Notes.Xen;
        Assert.Equal(0xc0000000ul, notes.PaddrOffset);
        Assert.Equal(0ul, Make("VIRT_BASE=0xc0000000,ELF_PADDR_OFFSET=0x0").Open().Notes.Xen.PaddrOffset);
    }

    [Theory]
    [InlineData("0x10", 16ul)]
    [InlineData("010", 8ul)]
    [InlineData("10", 10ul)]
    [InlineData("0", 0ul)]
    [InlineData("0xffffffffffffffff", ulong.MaxValue)]
    [InlineData("01777777777777777777777", ulong.MaxValue)]
    public void Numbers_are_written_as_in_C(string text, ulong value) =>
        Assert.Equal(value, Make($"VIRT_ENTRY={text}").Open().Notes.Xen.Entry!.Value.Value);

    [Theory]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("-1")]
    [InlineData(" 1")]
    [InlineData("08")]
    [InlineData("0x10000000000000000")]
    [InlineData("18446744073709551616")]
    [InlineData("02000000000000000000000")]
    [InlineData("one\ntwo")]
    public void What_is_no_number_is_refused(string text)
    {
        BootFormatException error = Assert.Throws<BootFormatException>(() => Make($"VIRT_ENTRY={text}").Open().Notes.Xen.Entry);
        Assert.Equal(("__xen_guest", "VIRT_ENTRY"), (error.Structure, error.Field));
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Names_values_and_the_whole_have_a_longest_size()
    {
        Assert.Single(Parse(new string('N', 31) + "=" + new string('v', 127)).Pairs);
        Assert.Equal("name", Assert.Throws<BootFormatException>(() => Parse(new string('N', 32) + "=1")).Field);
        Assert.Equal("name", Assert.Throws<BootFormatException>(() => Parse(new string('N', 32))).Field);
        Assert.Equal("value", Assert.Throws<BootFormatException>(() => Parse("N=" + new string('v', 128))).Field);
        Assert.Equal(2048, Parse(string.Concat(Enumerable.Repeat("N,", 2048))).Pairs.Length);
        Assert.Throws<BootFormatException>(() => Parse(string.Concat(Enumerable.Repeat("N,", 2049))));
    }

    [Fact]
    public void Empty_parts_are_nothing_and_the_last_of_a_name_counts()
    {
        XenGuestString text = Parse(",,LOADER=a,,LOADER=generic=b,BSD_SYMTAB,");
        Assert.Equal([new("LOADER", "a"), new("LOADER", "generic=b"), new("BSD_SYMTAB", "")], text.Pairs);
        Assert.Equal("generic=b", text["LOADER"]);
        Assert.Null(text["loader"]);
        Assert.Empty(Parse("").Pairs);
        Assert.False(text.TryFindNote("GNU", XenNotes.Number.Loader, out _));
    }

    [Theory]
    [InlineData(null, XenPaeMode.No, XenPaeMode.No)]
    [InlineData("no", XenPaeMode.No, XenPaeMode.No)]
    [InlineData("yes", XenPaeMode.ExtendedCr3, XenPaeMode.Yes)]
    [InlineData("yes[extended-cr3]", XenPaeMode.No, XenPaeMode.ExtendedCr3)]
    [InlineData("yes,please", XenPaeMode.No, XenPaeMode.Yes)]
    [InlineData("bimodal", XenPaeMode.Bimodal, XenPaeMode.No)]
    [InlineData("yes,bimodal", XenPaeMode.Bimodal, XenPaeMode.Yes)]
    public void Paging_modes_mean_what_they_mean_to_xen(string? text, XenPaeMode note, XenPaeMode legacy)
    {
        Assert.Equal(note, XenPaeModes.FromNote(text));
        Assert.Equal(legacy, XenPaeModes.FromXenGuest(text));
    }

    private static XenGuestString Parse(string text) =>
        XenGuestString.Parse(System.Text.Encoding.UTF8.GetBytes(text), WordSize.Bits32, 0, Limits.Default);

    private static TestElf Make(string text) => new TestElf { Word = WordSize.Bits32 }
        .Add(new TestSegment(SegmentType.Load, [1, 2, 3, 4]) { PhysicalAddress = 0xc0100000 })
        .Add(new TestSection("__xen_guest", SectionType.ProgramBits, System.Text.Encoding.UTF8.GetBytes(text)));
}
