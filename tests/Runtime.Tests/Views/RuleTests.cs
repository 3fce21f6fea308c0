using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using BootProtocol.Compression;
using BootProtocol.Multiboot;
using BootProtocol.Runtime.Tests.OwnSpecs.Rules;
using BootProtocol.Specs;
using BootProtocol.Testing;
using CsCheck;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>What values may be, and checksums: by TryParse where the spec says so, by Validate everywhere.</summary>
public sealed class RuleTests
{
    private static byte[] Good => [2, 4, 0x31, 9, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private static byte[] Told => [.. Good, 1, 0, 100, 0, 7, 0, 0, 0];

    /// <summary>A byte of the structure, a value for it, and what is said of it.</summary>
    public static TheoryData<int, byte, string> Broken => new()
    {
        { 0, 1, ".count at offset 0x0: expected 2 to 5, found 0x1" },
        { 0, 6, ".count at offset 0x0: expected 2 to 5, found 0x6" },
        { 1, 3, ".power at offset 0x1: expected one of 1, 2, 4, found 0x3" },
        { 2, 0x80, ".flags at offset 0x2: expected no bits but those of ruled_flags, found 0x80" },
        { 2, 0x02, ".flags at offset 0x2: expected no bits but those of ruled_flags, found 0x2" },
        { 3, 2, ".kind at offset 0x3: expected a value of ruled_kind, found 0x2" },
        { 4, 4, ".place at offset 0x4: expected a multiple of 8, found 0x4" },
        { 9, 1, ".none at offset 0x8: expected 0, found 0x1" },
        { 11, 1, " at offset 0xa: expected zero bytes, found 0x100" },
        { 12, 65, ".empty at offset 0xc: expected zero bytes, found 0x41" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void Value_that_is_not_allowed_is_found(int at, byte value, string expected)
    {
        Assert.True(Ruled.TryParse(Good, WordSize.Bits32, out Ruled good, out _));
        Assert.Empty(good.Validate());
        byte[] bytes = Good;
        bytes[at] = value;
        Assert.False(Ruled.TryParse(bytes, WordSize.Bits32, out _, out ParseError error));
        Assert.Equal("ruled" + expected, error.ToString());
        Assert.Equal(BootErrorCode.BadValue, error.Code);
        Assert.Equal(error, Assert.Single(SpecRules.Validate(Ruled.Layout.Info, bytes, WordSize.Bits32)));

        // The same rules without 'check' let the structure be read.
        byte[] told = Told;
        told[at] = value;
        Assert.True(OwnSpecs.Rules.Told.TryParse(told, out Told view, out _));
        Assert.Equal("told" + expected, Assert.Single(view.Validate()).ToString());
    }

    [Fact]
    public void Wide_variant_has_its_own_places()
    {
        byte[] bytes = [.. Good[..4], 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        Assert.True(Ruled.TryParse(bytes, WordSize.Bits64, out Ruled view, out _));
        Assert.Empty(view.Validate());
        bytes[8] = 12;
        Assert.False(Ruled.TryParse(bytes, WordSize.Bits64, out _, out ParseError error));
        Assert.Equal("ruled.place at offset 0x8: expected a multiple of 8, found 0xc", error.ToString());
    }

    /// <summary>Rules against plain comparisons, for every value.</summary>
    [Fact]
    public void Rules_allow_what_they_say() => Gen.Byte.Array[16].Sample(random =>
    {
        byte[] bytes = [.. random.Select((value, i) => (random[0] >> (i & 7) & 1) != 0 ? Good[i] : value)];
        bool isGood = bytes[0] is >= 2 and <= 5 && bytes[1] is (1 or 2 or 4) && (bytes[2] & ~0x31) == 0 && bytes[3] is (1 or 9)
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4)) % 8 == 0 && bytes.AsSpan(8).IndexOfAnyExcept((byte)0) < 0;
        return Ruled.TryParse(bytes, WordSize.Bits32, out _, out _) == isGood
            && SpecRules.Validate(Ruled.Layout.Info, bytes, WordSize.Bits32).IsEmpty == isGood;
    });

    [Fact]
    public void Everything_is_listed_with_its_place()
    {
        byte[] pair = [1, 0, 0, 0, .. Told, .. Told, .. Told];
        Assert.True(ToldPair.TryParse(pair, out ToldPair good, out _));
        Assert.Empty(good.Validate());
        pair[4] = 9;            // both[0].count
        pair[28 + 3] = 7;       // both[1].kind
        pair[28 + 18] = 101;    // both[1].many[1]
        pair[52] = 9;           // one.count, whose place is that of raw, too
        Assert.True(ToldPair.TryParse(pair, out ToldPair view, out _));
        Assert.Equal(
            [
                "told.count at offset 0x4: expected 2 to 5, found 0x9",
                "told.kind at offset 0x1f: expected a value of ruled_kind, found 0x7",
                "told.many at offset 0x2e: expected 1 to 0x64, found 0x65",
            ],
            view.Validate().Select(static error => error.ToString()));
    }

    [Fact]
    public void Rows_of_no_fixed_place_are_looked_at()
    {
        byte[] bytes = [2, 1, 0xe8, 3, 0x90, 0x4e, 0, 0, .. Told, 1, .. Told];
        Assert.True(ToldList.TryParse(bytes, out ToldList good, out ParseError none), none.ToString());
        Assert.Empty(good.Validate());
        bytes[2] = 0xe9;        // number
        bytes[4] = 0x91;        // more
        bytes[7] = 1;           // the pad
        bytes[8 + 1] = 3;       // items[0].power
        bytes[33] = 6;          // body.count
        Assert.True(ToldList.TryParse(bytes, out ToldList view, out _));
        Assert.Equal(
            [
                "told_list at offset 0x6: expected zero bytes, found 0x100",
                "told_list.number at offset 0x2: expected 1 to 0x3e8, found 0x3e9",
                "told_list.more at offset 0x4: expected a multiple of 4, found 0x4e91",
                "told.power at offset 0x9: expected one of 1, 2, 4, found 0x3",
                "told.count at offset 0x21: expected 2 to 5, found 0x6",
            ],
            view.Validate().Select(static error => error.ToString()));
        bytes[0] = 9;
        IEnumerable<string> errors = SpecRules.Validate(ToldList.Layout.Info, bytes).Select(static error => error.ToString());
        Assert.Contains("told_list.length at offset 0x0: expected 1 to 8, found 0x9", errors);
    }

    /// <summary>Every function against another's code: the runtime's library, and sums by hand.</summary>
    [Fact]
    public void Checksums_are_those_of_others() => Gen.Byte.Array[13].Sample(data =>
    {
        byte[] bytes = new byte[Summed.Layout.Size];
        Summed.Writer writer = Summed.Create(bytes);
        data.CopyTo(writer.Data);
        writer.WriteChecksums();
        Summed view = Summed.Parse(bytes);
        Assert.Empty(view.Validate());
        byte[] padded = [.. data, 0, 0, 0];
        Assert.Equal(0, (byte)(data.Sum(static value => value) + view.Sum8));
        Assert.Equal(0, (ushort)(Enumerable.Range(0, 8).Sum(i => BinaryPrimitives.ReadUInt16LittleEndian(padded.AsSpan(i * 2))) + view.Sum16));
        Assert.Equal(0U, unchecked((uint)(Enumerable.Range(0, 4).Sum(i => (long)BinaryPrimitives.ReadUInt32LittleEndian(padded.AsSpan(i * 4))) + view.Sum32)));
        Assert.Equal(Adler32.HashToUInt32(data), view.Adler);
        Assert.Equal(Crc32.HashToUInt32(data), view.Crc32);
        Assert.Equal(Crc32.HashToUInt32(data) & 0xffff, view.Low);
        Assert.Equal(Crc32.HashToUInt32(data) >> 16, view.High);
        Assert.Equal(Crc32.HashToUInt32(Crc32ParameterSet.Crc32C, data), view.Crc32c);
        Assert.Equal(Crc64.HashToUInt64(Crc64ParameterSet.Create(0x42f0e1eba9ea3693, ulong.MaxValue, ulong.MaxValue, true), data), view.Crc64);
        Assert.Equal(XxHash32.HashToUInt32(data), view.Xxh32);
        Texted.Builder texted = Texted.Build(new byte[64]);
        texted.SetRest(data);
        byte[] text = texted.Finish().ToArray();
        Assert.Equal(Crc32.HashToUInt32(data).ToString("X8", CultureInfo.InvariantCulture), Encoding.ASCII.GetString(text.AsSpan(0, 8)), ignoreCase: true);
        Assert.Empty(Texted.Parse(text).Validate());
        Assert.Equal(0, (byte)bytes.Sum(static value => value));
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(63)]
    [InlineData(200)]
    public void Checksums_of_any_length_are_those_of_others(int length)
    {
        byte[] data = [.. Enumerable.Range(0, length).Select(static i => (byte)(i * 37))];
        Hashed.Builder builder = Hashed.Build(new byte[300]);
        builder.SetData(data);
        Hashed view = Hashed.Parse(builder.Finish());
        Assert.Equal(length, view.Data.Length);
        Assert.Equal(XxHash32.HashToUInt32(data), view.Xxh32);
        Assert.Equal(Adler32.HashToUInt32(data), view.Adler);
        Assert.Equal(Crc32.HashToUInt32(data), view.Crc32);
    }

    [Fact]
    public void Wrong_checksum_is_found_and_written_anew()
    {
        byte[] bytes = new byte[100];
        Packet.Builder builder = Packet.Build(bytes);
        builder.Fixed().Magic = 7;
        builder.SetName("name"u8);
        builder.SetData([1, 2, 3]);
        byte[] packet = builder.Finish().ToArray();
        Packet view = Packet.Parse(packet);
        Assert.Empty(view.Validate());
        Assert.Equal(Crc32.HashToUInt32(packet.AsSpan(0, 13)), view.Crc);
        packet[5] ^= 1;
        ParseError error = Assert.Single(Packet.Parse(packet).Validate());
        Assert.Equal(BootErrorCode.BadChecksum, error.Code);
        Assert.Equal(
            ("packet.crc", 0x10, $"checksum 0x{Crc32.HashToUInt32(packet.AsSpan(0, 13)):x}", $"0x{view.Crc:x}"),
            ($"{error.Structure}.{error.Field}", error.Offset, error.Expected, error.Found));
        SpecRules.WriteChecksums(Packet.Layout.Info, packet);
        Assert.Empty(Packet.Parse(packet).Validate());
    }

    [Fact]
    public void Constants_of_any_kind_are_bytes()
    {
        byte[] expected = [.. "A text\n \0"u8, 0x7f, 0xff, .. "\t\"\\\r!"u8, 0, 0xfd, .. "7z\0"u8, 0xfe, 0xff, 0xff, 0xff, 0x80, 0, 0, 0];
        expected = [.. expected.AsSpan(0, 16), .. expected.AsSpan(expected.Length - 12)];
        byte[] bytes = new byte[Marked.Layout.Size];
        Marked.Create(bytes);
        Assert.Equal(Convert.ToHexStringLower(expected), Convert.ToHexStringLower(bytes));
        Marked view = Marked.Parse(bytes);
        Assert.Equal(-2, view.Minus);
        Assert.Equal(-128, view.Least);
        Assert.Empty(SpecRules.Validate(Marked.Layout.Info, bytes));
        bytes[3] = (byte)'T';
        Assert.False(Marked.TryParse(bytes, out _, out ParseError error));
        Assert.StartsWith("marked.title at offset 0x0: expected bytes 4120746578740a20", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(error, Assert.Single(SpecRules.Validate(Marked.Layout.Info, bytes)));
    }

    [Fact]
    public void Multiboot_header_sums_to_zero()
    {
        MultibootHeader.Builder header = MultibootHeader.Build(new byte[100]);
        header.Fixed().Flags = MultibootFlags.PageAlign | MultibootFlags.MemoryInfo;
        MultibootHeader view = MultibootHeader.Parse(header.Finish());
        Assert.Equal(12, view.AsSpan().Length);
        Assert.Equal(0U, unchecked(0x1badb002 + (uint)view.Flags + view.Checksum));
        Assert.Empty(view.Validate());
    }

    /// <summary>Any bytes as any structure give errors with a place in them, or none; and checksums that were written are right.</summary>
    [Fact]
    public void Any_bytes_can_be_validated()
    {
        SpecStructure[] all = [.. SpecCatalog.Structures, .. OwnSpecs.SpecCatalog.Structures];
        Gen.Select(Gen.Int[0, all.Length - 1], Gen.Byte.Array[0, 300], Gen.Int[0, 255], Gen.Bool).Sample(
            (index, bytes, small, isNarrow) =>
            {
                // Small numbers as counts and lengths lead further than others.
                for (int i = 0; i < bytes.Length; i++)
                    bytes[i] = (byte)(bytes[i] % (small + 1));
                WordSize word = isNarrow ? WordSize.Bits32 : WordSize.Bits64;
                SpecStructure structure = all[index];
                Assert.All(SpecRules.Validate(structure, bytes, word), error => Assert.True(error.IsError && error.ToString().Length > 0));
                SpecRules.WriteChecksums(structure, bytes, word);
                Assert.DoesNotContain(
                    SpecRules.Validate(structure, bytes, word),
                    error => error.Code == BootErrorCode.BadChecksum && error.Structure == structure.Name);
            },
            iter: 3000);
    }

    /// <summary>What the tools write keeps the rules of the specs; one bit that is turned breaks one.</summary>
    [Theory]
    [InlineData("xz -C crc32", "xz_stream_header")]
    [InlineData("lz4", "lz4_frame_header")]
    [InlineData("lz4 --content-size -BD", "lz4_frame_header")]
    [InlineData("lzop", "lzop_header")]
    [Needs(Need.Tools)]
    public void Heads_that_tools_write_have_their_checksums(string tool, string structure)
    {
        byte[] packed = Filter.Run($"{tool} -c", Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("text ", 1000))));
        SpecStructure table = SpecCatalog.FindStructure(structure)!;
        SpecRecord record = SpecReader.Read(table, packed);
        Assert.Empty(SpecRules.Validate(record, packed));
        int start = structure == "xz_stream_header" ? 7 : structure == "lzop_header" ? 9 : 4;
        for (int at = start; at < record.Length; at++)
        {
            byte[] broken = [.. packed];
            broken[at] ^= 0x10;
            ImmutableArray<ParseError> errors = SpecRules.Validate(table, broken);
            Assert.True(!errors.IsEmpty, string.Create(CultureInfo.InvariantCulture, $"byte {at} of {structure} is not covered"));
        }
    }

    /// <summary>A variant that has none of the rows is no structure of anything, and breaks no rule.</summary>
    [Fact]
    public void Variant_without_fields_breaks_no_rule()
    {
        SpecStructure told = OwnSpecs.Rules.Told.Layout.Info;
        SpecVariant some = told.Variants[0];
        var none = new SpecVariant { Bits = 64, Size = 0, Alignment = 1, FloorLength = 0, Fields = [] };
        var structure = new SpecStructure { Name = "slim", Protocol = "rules", Doc = "", Variants = [some, none] };
        Assert.Empty(SpecRules.Validate(structure, Told, WordSize.Bits64));
        Assert.Empty(SpecRules.Validate(structure, [], WordSize.Bits64));
        Assert.Empty(SpecRules.Validate(structure, Told, WordSize.Bits32));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(21)]
    public void Structure_that_is_cut_is_listed_and_not_read_beyond(int length)
    {
        ParseError error = Assert.Single(SpecRules.Validate(OwnSpecs.Rules.Told.Layout.Info, Told.AsSpan(0, length)));
        Assert.Equal(BootErrorCode.Truncated, error.Code);
    }
}
