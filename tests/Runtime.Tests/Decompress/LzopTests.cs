using System.Buffers.Binary;
using BootProtocol.Decompress;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Decompress;

/// <summary>lzop files as the tool does not write them, made by hand around its blocks.</summary>
[Needs(Need.Tools)]
public sealed class LzopTests
{
    private static readonly byte[] s_bytes = Sample.Make("code", 20_000);

    // The block of the tool's file, without its header and checksum.
    private static readonly byte[] s_block = PackBlock();

    /// <summary>Checksums of the output, of the compressed bytes, of either kind and of both.</summary>
    public static TheoryData<uint> Checks => [0, 1, 3, 0x100, 0x300, 0x303];

    [Theory]
    [MemberData(nameof(Checks))]
    public void Blocks_may_have_any_checksums(uint flags)
    {
        byte[] file = File(0x1030, flags, 0x80, [Block(flags, s_block, s_bytes), Block(flags, s_bytes, s_bytes)]);
        byte[] all = [.. s_bytes, .. s_bytes];
        Assert.Equal(all, Decoding.Whole(PayloadFormat.Lzo, file, new PayloadOptions { End = PayloadEnd.Exact }));
        Assert.Equal(all, Filter.Run("lzop -dc", file));

        int at = file.Length - 4 - s_bytes.Length - 8;
        if ((flags & 0x101) == 0)
            return;
        file[at + 7] ^= 1;
        Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Lzo, file, new PayloadOptions { End = PayloadEnd.Exact }));
    }

    [Theory]
    [InlineData(0x1030, 0x1001u)]
    [InlineData(0x1030, 0x0041u)]
    [InlineData(0x1030, 0x1041u)]
    [InlineData(0x0940, 0x0001u)]
    [InlineData(0x0930, 0x0001u)]
    [InlineData(0x0900, 0x0001u)]
    [InlineData(0x1030, 0x0801u)]
    public void Headers_may_have_any_version_and_fields(int version, uint flags)
    {
        byte[] file = File(version, flags, 0x80, [Block(flags, s_block, s_bytes)]);
        Assert.Equal(s_bytes, Decoding.Whole(PayloadFormat.Lzo, file, new PayloadOptions { End = PayloadEnd.Exact }));
        Assert.Equal(s_bytes, Filter.Run("lzop -dc", file));
    }

    [Fact]
    public void A_filter_is_refused()
    {
        byte[] file = File(0x1030, 0x0801, 1, [Block(1, s_block, s_bytes)]);
        var refusal = Assert.Throws<BootFormatException>(() => PayloadDecoder.Create(file));
        Assert.Equal("filter", refusal.Field);
    }

    [Theory]
    [InlineData(0u, 4u)]
    [InlineData(10u, 11u)]
    [InlineData(10u, 0u)]
    [InlineData(10u, 0xffffffffu)]
    [InlineData((64u << 20) + 1, 10u)]
    [InlineData(0x80000000u, 10u)]
    [InlineData(0xffffffffu, 0xffffffffu)]
    public void Block_sizes_that_cannot_be_are_refused(uint size, uint compressed)
    {
        byte[] block = [.. Word(size), .. Word(compressed), .. s_bytes];
        byte[] file = File(0x1030, 0, 0, [block]);
        Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Lzo, file, new PayloadOptions { End = PayloadEnd.Exact }));
    }

    /// <summary>Instructions by hand, after 2,051 times the letter A; null where they must be refused.</summary>
    [Theory]
    [InlineData("11 00 00", "")]
    [InlineData("01 42434445 11 00 00", "42434445")] // four literals
    [InlineData("00 01 42434445464748494a4b4c4d4e4f50515253 54 11 00 00", "42434445464748494a4b4c4d4e4f5051525354")] // 18 + 1
    [InlineData("01 42434445 00 00 11 00 00", "42434445414141")] // after a run: three bytes from 0x801 back
    [InlineData("01 42434445 44 00 11 00 00", "42434445444544")] // three bytes from two back
    [InlineData("01 42434445 e0 00 11 00 00", "424344454545454545454545")] // eight bytes from one back
    [InlineData("01 42434445 45 00 46 04 00 11 00 00", "42434445444544464446")] // a literal, then two bytes from two back
    [InlineData("01 42434445 22 05 00 47 11 00 00", "424344454445444547")] // four bytes from two back, a literal
    [InlineData("01 42434445 0c ff 11 00 00", null)] // farther back than there is anything
    [InlineData("21 fc ff 11 00 00", null)]
    [InlineData("21 08 20 11 00 00", "414141")] // three bytes from 2,051 back, the first byte of all
    [InlineData("1a 00 00 11 00 00", null)]
    [InlineData("11 00", null)] // cut
    [InlineData("01 42", null)]
    [InlineData("44", null)]
    [InlineData("00 00 00 00", null)]
    [InlineData("20 00 00 00", null)]
    [InlineData("", null)]
    [InlineData("11 00 00 00", null)] // something behind the end
    [InlineData("12 00 00", null)] // an end mark of another length
    [InlineData("20 00 00 00 00 00 00 00 00 00 00 01 00 00 11 00 00", null)] // more output than there is room
    public void Instructions_do_what_the_format_says(string instructions, string? output)
    {
        byte[] data = [0x12, 0x41, 0x20, 0, 0, 0, 0, 0, 0, 0, 0xe8, 0, 0, .. Bytes(instructions)];
        byte[] expected = [.. Enumerable.Repeat((byte)'A', 2051), .. Bytes(output ?? "")];
        byte[] file = File(0x1030, 0, 0, [[.. Word((uint)expected.Length), .. Word((uint)data.Length), .. data]]);
        var options = new PayloadOptions { End = PayloadEnd.Exact };
        if (output is null)
            Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Lzo, file, options));
        else
            Assert.Equal(expected, Decoding.Whole(PayloadFormat.Lzo, file, options));
        if (output is not null)
            Assert.Equal(expected, Filter.Run("lzop -dc", file));

        static byte[] Bytes(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));
    }

    /// <summary>The first byte of all is the farthest, wherever there is room for what would be copied.</summary>
    [Theory]
    [InlineData("21 0c 20 11 00 00", 2051, 2052)]
    [InlineData("01 42434445 0c 02 11 00 00", 2055, 2060)]
    [InlineData("12 04 00 11 00 00", 2051, 16385)]
    public void Distances_are_no_longer_than_the_output(string instructions, int most, int found)
    {
        byte[] data = [0x12, 0x41, 0x20, 0, 0, 0, 0, 0, 0, 0, 0xe8, 0, 0, .. Convert.FromHexString(instructions.Replace(" ", "", StringComparison.Ordinal))];
        byte[] file = File(0x1030, 0, 0, [[.. Word(3000), .. Word((uint)data.Length), .. data]]);
        var fault = Assert.Throws<BootFormatException>(() => Decoding.Whole(PayloadFormat.Lzo, file, new PayloadOptions { End = PayloadEnd.Exact }));
        Assert.Contains($"expected a distance of at most {most}, found {found}", fault.Message, StringComparison.Ordinal);
    }

    private static byte[] PackBlock()
    {
        byte[] file = Filter.Run("lzop -9", s_bytes);
        // The header without a name: magic, 25 bytes up to the name's length, checksum.
        int at = 9 + 2 + 2 + 2 + 1 + 1 + 4 + 4 + 4 + 4 + 1 + 4;
        int compressed = (int)BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 4));
        return file[(at + 12)..(at + 12 + compressed)];
    }

    private static byte[] File(int version, uint flags, uint filter, byte[][] blocks)
    {
        bool isNew = version >= 0x940;
        byte[] header =
        [
            .. Half(version), .. Half(0x20a0), .. isNew ? Half(0x940) : [], 3, .. isNew ? (byte[])[9] : [], .. Word(flags),
            .. (flags & 0x800) != 0 ? Word(filter == 0x80 ? 0 : filter) : [], .. Word(0x81a4), .. Word(0), .. isNew ? Word(0) : [],
            4, .. "name"u8,
        ];
        byte[] extra = (flags & 0x40) == 0 ? [] : [.. Word(5), 1, 2, 3, 4, 5];
        byte[] extraCheck = extra.Length == 0 ? [] : Check(extra);
        return
        [
            0x89, .. "LZO"u8, 0, 0x0d, 0x0a, 0x1a, 0x0a, .. header, .. Check(header), .. extra, .. extraCheck,
            .. blocks.SelectMany(block => block), 0, 0, 0, 0,
        ];

        byte[] Check(byte[] bytes) => Word((flags & 0x1000) != 0 ? System.IO.Hashing.Crc32.HashToUInt32(bytes) : Adler32(bytes));
    }

    private static byte[] Block(uint flags, byte[] data, byte[] output)
    {
        bool isStored = data.Length == output.Length;
        return
        [
            .. Word((uint)output.Length), .. Word((uint)data.Length),
            .. (flags & 1) != 0 ? Word(Adler32(output)) : [],
            .. (flags & 0x100) != 0 ? Word(System.IO.Hashing.Crc32.HashToUInt32(output)) : [],
            .. (flags & 2) != 0 && !isStored ? Word(Adler32(data)) : [],
            .. (flags & 0x200) != 0 && !isStored ? Word(System.IO.Hashing.Crc32.HashToUInt32(data)) : [],
            .. data,
        ];
    }

    private static uint Adler32(byte[] bytes)
    {
        uint low = 1;
        uint high = 0;
        foreach (byte b in bytes)
        {
            low = (low + b) % 65_521;
            high = (high + low) % 65_521;
        }
        return high << 16 | low;
    }

    private static byte[] Half(int value) => [(byte)(value >> 8), (byte)value];

    private static byte[] Word(uint value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
}
