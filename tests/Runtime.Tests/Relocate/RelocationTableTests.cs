using System.Buffers.Binary;
using System.Globalization;
using BootProtocol.Elf;
using BootProtocol.Relocate;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Relocate;

public sealed class RelocationTableTests
{
    public static TheoryData<string> Linux => DecodedKernels.Linux;

    /// <summary>Counts as the kernel's own start-up code goes: from the end of the payload backwards, each list up to its zero.</summary>
    [Theory]
    [MemberData(nameof(Linux))]
    [Needs(Need.Kernels)]
    public void Lists_of_real_kernels_are_those_of_a_count_from_the_end(string name)
    {
        byte[] bytes = DecodedKernels.Bytes(name);
        ElfFile file = DecodedKernels.Open(name);
        RelocationKind[] kinds = file.Word == WordSize.Bits32
            ? [RelocationKind.Add32]
            : !DebianKernels.IsBefore615(name) ? [RelocationKind.Add32, RelocationKind.Add64]
            : [RelocationKind.Add32, RelocationKind.Subtract32, RelocationKind.Add64];
        RelocationTable table = RelocationTable.Read(file)!;
        Assert.Equal(kinds.Reverse(), table.Kinds);

        int at = bytes.Length;
        foreach (RelocationKind kind in kinds)
        {
            var places = new List<ulong>();
            while (BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at -= 4)) is var low and not 0)
                places.Add(file.Word == WordSize.Bits32 ? (uint)low : (ulong)(long)low);
            places.Reverse();
            var found = new List<ulong>();
            foreach (Vaddr place in table[kind])
                found.Add(place.Value);
            Assert.NotEmpty(places);
            Assert.Equal(places.Count, table.Count(kind));
            Assert.Equal(places, found);
        }

        // What the count from the end used up is what is behind the ELF file by readelf's account of it.
        Assert.Equal(EndByReadElf(name), at);
        Assert.Equal(at, file.EndOfFile);
        Assert.Equal((at, bytes.Length - at), (table.Offset, table.Length));
    }

    [Theory]
    [MemberData(nameof(Linux))]
    [Needs(Need.Kernels)]
    public void Places_of_real_kernels_lie_in_their_segments(string name)
    {
        ElfFile file = DecodedKernels.Open(name);
        RelocationTable table = RelocationTable.Read(file)!;
        ulong mask = file.Word == WordSize.Bits32 ? 0x3ffffffful : 0x7ffffffful;
        foreach (RelocationKind kind in table.Kinds)
        {
            foreach (Vaddr place in table[kind])
                Assert.Contains(file.LoadSegments, segment => segment.Contains(new Paddr(place.Value & mask)));
        }
    }

    [Theory]
    [InlineData("6.1-cloud-amd64", "6.1.0-56-", 123692, 8457, 70777)]
    [Needs(Need.Kernels)]
    public void Counts_of_a_known_build_are_known(string name, string build, int add64, int subtract32, int add32)
    {
        ElfFile file = DecodedKernels.Open(name);
        if (!file.Notes.Linux.BuildSalt!.StartsWith(build, StringComparison.Ordinal))
            Assert.Skip("Debian serves another build now.");
        Assert.Equal((add64, subtract32, add32), Counts(RelocationTable.Read(file)!));
    }

    [Theory]
    [InlineData("grub-i386-xen.bin")]
    [InlineData("grub-x86_64-xen.bin")]
    [InlineData("grub-i386-xen_pvh.bin")]
    [Needs(Need.Kernels)]
    public void Nothing_is_appended_to_other_kernels(string name) => Assert.Null(RelocationTable.Read(DecodedKernels.Open(name)));

    [Fact]
    public void Three_lists_are_told_apart_by_their_number()
    {
        RelocationTable table = Read(WordSize.Bits64, 0, 0x81000000, 0x81000008, 0, 0x82000000, 0, 0x83000000, 0x83000004, 0x83000008)!;
        Assert.Equal([RelocationKind.Add64, RelocationKind.Subtract32, RelocationKind.Add32], table.Kinds);
        Assert.Equal((2, 1, 3), Counts(table));
        Assert.Equal(0xffffffff82000000, table[RelocationKind.Subtract32][0].Value);
        Assert.Equal([0, 0, 0, 0x83, 4, 0, 0, 0x83, 8, 0, 0, 0x83], table[RelocationKind.Add32].AsSpan().ToArray());
        Assert.Equal(3, table[RelocationKind.Add32].Count);
        Assert.Throws<ArgumentOutOfRangeException>("index", () => table[RelocationKind.Subtract32][1]);
    }

    [Fact]
    public void Two_lists_have_none_that_shrinks()
    {
        RelocationTable table = Read(WordSize.Bits64, 0, 0x81000000, 0, 0x83000000)!;
        Assert.Equal([RelocationKind.Add64, RelocationKind.Add32], table.Kinds);
        Assert.Null(table.Count(RelocationKind.Subtract32));
        Assert.Equal(0, table[RelocationKind.Subtract32].Count);
    }

    [Fact]
    public void One_list_is_of_a_32_bit_kernel_and_not_extended()
    {
        RelocationTable table = Read(WordSize.Bits32, 0, 0xc1000000, 0xc1000004)!;
        Assert.Equal([RelocationKind.Add32], table.Kinds);
        Assert.Equal(0xc1000004, table[RelocationKind.Add32][1].Value);
    }

    [Fact]
    public void Empty_lists_are_zeroes_side_by_side()
    {
        RelocationTable table = Read(WordSize.Bits64, 0, 0x81000000, 0, 0, 0x83000000)!;
        Assert.Equal((1, 0, 1), Counts(table));
        Assert.Equal((0, 0, 0), Counts(Read(WordSize.Bits64, 0, 0, 0)!));
        Assert.Equal((0, null, 0), Counts(Read(WordSize.Bits64, 0, 0)!));
        Assert.Equal((null, null, 0), Counts(Read(WordSize.Bits32, 0)!));
    }

    [Fact]
    public void Nothing_is_no_table() => Assert.Null(Read(WordSize.Bits64));

    [Theory]
    [InlineData(WordSize.Bits64, new uint[] { 1, 0, 2, 0, 3 })]
    [InlineData(WordSize.Bits64, new uint[] { 0, 1 })]
    [InlineData(WordSize.Bits64, new uint[] { 0, 1, 0, 2, 0, 3, 0, 4 })]
    [InlineData(WordSize.Bits64, new uint[] { 0, 0, 0, 0 })]
    [InlineData(WordSize.Bits32, new uint[] { 0, 1, 0, 2 })]
    [InlineData(WordSize.Bits32, new uint[] { 5 })]
    public void Anything_else_is_refused(WordSize word, uint[] words)
    {
        BootFormatException error = Assert.Throws<BootFormatException>(() => Read(word, words));
        Assert.Equal(("relocations", 8L), (error.Structure, error.Offset));
    }

    [Fact]
    public void A_length_that_holds_no_whole_numbers_is_refused()
    {
        foreach (int length in (int[])[1, 2, 3, 5, 7])
            Assert.Throws<BootFormatException>(() => RelocationTable.Read(KernelBytes.FromMemory(new byte[length]), 0, WordSize.Bits64));
        Assert.Throws<BootFormatException>(() => RelocationTable.Read(KernelBytes.FromMemory(new byte[4]), 8, WordSize.Bits64));
    }

    private static (int? Add64, int? Subtract32, int? Add32) Counts(RelocationTable table) =>
        (table.Count(RelocationKind.Add64), table.Count(RelocationKind.Subtract32), table.Count(RelocationKind.Add32));

    private static RelocationTable? Read(WordSize word, params uint[] words)
    {
        byte[] bytes = new byte[8 + (words.Length * 4)];
        for (int i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8 + (i * 4)), words[i]);
        return RelocationTable.Read(KernelBytes.FromMemory(bytes), 8, word);
    }

    private static long EndByReadElf(string name)
    {
        string header = DecodedKernels.RunTool("readelf", ["-W", "-h"], name);
        long end = Number(header, "Start of section headers")
            + (Number(header, "Number of section headers") * Number(header, "Size of section headers"));
        foreach (string section in ReadElf.Sections(DecodedKernels.RunTool("readelf", ["-W", "-S"], name)))
        {
            string[] columns = section.Split(' ');
            if (columns[^8] is not ("NOBITS" or "NULL"))
                end = Math.Max(end, Hex(columns[^6]) + Hex(columns[^5]));
        }

        return end;
    }

    private static long Number(string output, string label) =>
        long.Parse(ReadElf.Header(output, label).Split(' ')[0], CultureInfo.InvariantCulture);

    private static long Hex(string text) => long.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
