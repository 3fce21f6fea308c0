using BootProtocol.Elf;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Symbols;

namespace BootProtocol.Runtime.Tests.Symbols;

/// <summary>Tables of symbols of every layout, made by the test's own writer.</summary>
public sealed class KernelSymbolsTests
{
    private const int Count = 3000;

    [Theory]
    [InlineData(KallsymsLayout.Addresses, WordSize.Bits64, true, false, KernelSymbolForm.Absolute)]
    [InlineData(KallsymsLayout.Addresses, WordSize.Bits32, true, false, KernelSymbolForm.Absolute)]
    [InlineData(KallsymsLayout.Offsets, WordSize.Bits64, true, true, KernelSymbolForm.BaseRelativeOrAbsolute)]
    [InlineData(KallsymsLayout.Offsets, WordSize.Bits64, false, true, KernelSymbolForm.BaseRelativeOrAbsolute)]
    [InlineData(KallsymsLayout.Offsets, WordSize.Bits64, false, false, KernelSymbolForm.BaseRelative)]
    [InlineData(KallsymsLayout.Offsets, WordSize.Bits32, true, false, KernelSymbolForm.BaseRelative)]
    [InlineData(KallsymsLayout.OffsetsAndOrder, WordSize.Bits64, false, true, KernelSymbolForm.BaseRelativeOrAbsolute)]
    [InlineData(KallsymsLayout.OffsetsAndOrder, WordSize.Bits32, false, false, KernelSymbolForm.BaseRelative)]
    [InlineData(KallsymsLayout.OffsetsBehind, WordSize.Bits64, false, true, KernelSymbolForm.BaseRelativeOrAbsolute)]
    [InlineData(KallsymsLayout.OffsetsBehind, WordSize.Bits64, false, false, KernelSymbolForm.BaseRelative)]
    [InlineData(KallsymsLayout.OffsetsBehind, WordSize.Bits32, false, false, KernelSymbolForm.BaseRelative)]
    [InlineData(KallsymsLayout.AddressesBehind, WordSize.Bits64, false, false, KernelSymbolForm.Absolute)]
    [InlineData(KallsymsLayout.AddressesBehind, WordSize.Bits32, false, false, KernelSymbolForm.Absolute)]
    [InlineData(KallsymsLayout.Places, WordSize.Bits64, false, false, KernelSymbolForm.PlaceRelative)]
    [InlineData(KallsymsLayout.Places, WordSize.Bits32, false, false, KernelSymbolForm.PlaceRelative)]
    [InlineData(KallsymsLayout.AbsoluteOffsets, WordSize.Bits32, false, false, KernelSymbolForm.Absolute)]
    [InlineData(KallsymsLayout.Xen, WordSize.Bits32, false, false, KernelSymbolForm.ImageRelative)]
    public void Every_layout_gives_the_symbols(KallsymsLayout layout, WordSize word, bool isWide, bool hasAbsolute, KernelSymbolForm form)
    {
        // An odd number and an even one, a full last group of names and others: parts are padded in different ways.
        foreach (int count in (int[])[254 + 256, 300, 511, Count, Count + 1])
        {
            KallsymsWriter writer = Writer(layout, word, isWide, hasAbsolute, count);
            KernelSymbols symbols = Read(writer.Build())!;
            Assert.Equal(writer.Lines(), symbols.Select(symbol => symbol.ToString()));
            Assert.Equal(form, symbols.Form);
            Assert.Equal(layout is not (KallsymsLayout.Addresses or KallsymsLayout.Offsets or KallsymsLayout.Xen), symbols.HasOrder);
        }
    }

    [Theory]
    [InlineData(true, 400)]
    [InlineData(false, 200)]
    public void Lengths_above_127_are_two_bytes_or_one(bool hasLongLengths, int longest)
    {
        var writer = new KallsymsWriter
        {
            Layout = KallsymsLayout.Offsets,
            HasLongLengths = hasLongLengths,
            Symbols = KallsymsWriter.MakeSymbols(Count, 0xffffffff_81000000, longest: longest),
        };
        Assert.Contains(writer.Symbols, symbol => symbol.Text.Length == longest + 1);
        Assert.Equal(writer.Lines(), Read(writer.Build())!.Select(symbol => symbol.ToString()));
    }

    [Fact]
    public void Symbols_are_found_by_name_and_by_address()
    {
        KallsymsWriter writer = Writer(KallsymsLayout.Places, WordSize.Bits64, false, false, Count);
        KernelSymbols symbols = Read(writer.Build())!;
        Assert.True(symbols.TryFind("linux_banner", out KernelSymbol banner));
        Assert.Equal(writer.ImageStart + KallsymsWriter.BannerOffset, banner.Address.Value);
        Assert.Equal(('D', "linux_banner"), (banner.Kind, banner.Name));
        Assert.False(symbols.TryFind("linux_bannerx", out _));
        Assert.False(symbols.TryFindAt(new Vaddr(writer.ImageStart - 1), out _));
        Assert.True(symbols.TryFindAt(new Vaddr(ulong.MaxValue), out KernelSymbol last));
        Assert.Equal(symbols[^1].Address, last.Address);
        Assert.Equal(0UL, symbols[^1].Size);
        for (int i = 0; i < symbols.Count; i += 17)
        {
            KernelSymbol symbol = symbols[i];
            Assert.Equal(i, symbol.Index);
            ulong next = symbols.Select(other => other.Address.Value).FirstOrDefault(address => address > symbol.Address.Value);
            Assert.Equal(next == 0 ? 0 : next - symbol.Address.Value, symbol.Size);
            Assert.True(symbols.TryFindAt(new Vaddr(symbol.Address.Value + (symbol.Size / 2)), out KernelSymbol found));
            Assert.Equal(symbol.Address, found.Address);
            Assert.True(found.Index == 0 || symbols[found.Index - 1].Address < found.Address);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => symbols[Count + 2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => symbols[-1]);
    }

    [Fact]
    public void A_kernel_without_a_table_has_none()
    {
        Assert.Null(Read(new TestElf().Add(new TestSegment(SegmentType.Load, new byte[1 << 20])).Build()));
        KallsymsWriter writer = Writer(KallsymsLayout.Offsets, WordSize.Bits64, false, false, Count);
        byte[] file = writer.Build();
        file.AsSpan(writer.Parts["token_index"], 512).Clear();
        Assert.Null(Read(file));
    }

    [Theory]
    [InlineData("names", "kallsyms_names")]
    [InlineData("markers", "kallsyms_names")]
    [InlineData("num_syms", "kallsyms_names")]
    [InlineData("addresses", "kallsyms_addresses or kallsyms_offsets")]
    [InlineData("order", "kallsyms_seqs_of_names")]
    public void A_broken_part_is_named(string part, string field)
    {
        KallsymsWriter writer = Writer(KallsymsLayout.OffsetsBehind, WordSize.Bits64, false, false, Count);
        byte[] file = writer.Build();
        file.AsSpan(writer.Parts[part] + (part == "addresses" ? 4000 : 0), 8).Fill(0xa5);
        ParseError error = Assert.Throws<BootFormatException>(() => Read(file)).Error;
        Assert.Equal(("kallsyms", field), (error.Structure, error.Field));
    }

    [Fact]
    public void The_banner_has_to_be_where_its_symbol_is()
    {
        KallsymsWriter writer = Writer(KallsymsLayout.Offsets, WordSize.Bits64, false, false, Count);
        byte[] file = writer.Build();
        int at = file.AsSpan().IndexOf("Linux version"u8);
        file[at] = (byte)'l';
        Assert.Equal("linux_banner", Assert.Throws<BootFormatException>(() => Read(file)).Error.Field);
    }

    /// <summary>
    /// What one bit changes is refused, or does nothing, or is what the order of names cannot say: one address that is still in order, kinds, and
    /// names that are still sorted.
    /// </summary>
    [Theory]
    [InlineData(KallsymsLayout.OffsetsAndOrder)]
    [InlineData(KallsymsLayout.OffsetsBehind)]
    [InlineData(KallsymsLayout.Places)]
    public void A_changed_bit_is_refused_or_does_nothing_where_sorted_names_can_say(KallsymsLayout layout)
    {
        KallsymsWriter writer = Writer(layout, WordSize.Bits64, false, false, Count);
        byte[] file = writer.Build();
        int start = writer.Parts.Values.Min();
        int[] order = [.. Enumerable.Range(0, writer.Symbols.Count).OrderBy(index => writer.Symbols[index].Text[1..], StringComparer.Ordinal)];
        var random = new Random(40);
        int refused = 0;
        int same = 0;
        for (int i = 0; i < 400; i++)
        {
            int at = random.Next(start, writer.Parts["end"]);
            file[at] ^= (byte)(1 << (i % 8));
            FlippedTable.Outcome outcome = FlippedTable.Judge(file, writer.Lines(), order);
            file[at] ^= (byte)(1 << (i % 8));
            refused += outcome == FlippedTable.Outcome.Refused ? 1 : 0;
            same += outcome == FlippedTable.Outcome.Same ? 1 : 0;
        }

        Assert.True(refused >= 200, $"{refused} of 400 are refused, {same} the same");
    }

    /// <summary>Whatever is missing in front or behind, the answer is a result or the one exception.</summary>
    [Theory]
    [InlineData(KallsymsLayout.OffsetsAndOrder)]
    [InlineData(KallsymsLayout.OffsetsBehind)]
    [InlineData(KallsymsLayout.Places)]
    [InlineData(KallsymsLayout.Addresses)]
    public void A_part_of_a_table_is_refused(KallsymsLayout layout)
    {
        KallsymsWriter writer = Writer(layout, WordSize.Bits64, false, false, 600);
        byte[] file = writer.Build();
        int start = writer.Parts.Values.Min();
        int refused = 0;
        for (int at = start + 4; at < writer.Parts["end"]; at += 372)
        {
            foreach (byte[] part in (byte[][])[file[at..], file[..at]])
            {
                byte[] data = part.Length == at ? part[(int)ElfFile.Open(KernelBytes.FromMemory(file)).Segments[0].FileOffset..] : part;
                var segment = new TestSegment(SegmentType.Load, data) { VirtualAddress = writer.ImageStart };
                byte[] cut = new TestElf { HasSections = false }.Add(segment).Build();
                try
                {
                    refused += Read(cut) is null ? 1 : 0;
                }
                catch (BootFormatException)
                {
                    refused++;
                }
            }
        }

        Assert.True(refused > 20);
    }

    internal static KernelSymbols? Read(byte[] file) => KernelSymbols.Read(ElfFile.Open(KernelBytes.FromMemory(file)));

    internal static KallsymsWriter Writer(KallsymsLayout layout, WordSize word, bool isWide, bool hasAbsolute, int count)
    {
        ulong start = new KallsymsWriter { Layout = layout, Word = word, Symbols = [] }.ImageStart;
        return new KallsymsWriter
        {
            Layout = layout,
            Word = word,
            HasWideMarkers = isWide,
            HasAbsolute = hasAbsolute,
            HasLongLengths = !isWide,
            Symbols = KallsymsWriter.MakeSymbols(count, start, hasAbsolute ? 0x1000UL : ulong.MaxValue),
        };
    }
}
