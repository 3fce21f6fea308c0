using BootProtocol.Elf;
using BootProtocol.Relocate;
using BootProtocol.Sample;

namespace BootProtocol.Runtime.Tests.Relocate;

public sealed class RelocatorTests
{
    private const ulong MiB = 1 << 20;

    private static readonly Vaddr _linkedAt = new(0xffffffff81000000);

    /// <summary>The linker that places the sample guest higher knows nothing of relocation lists.</summary>
    [Theory]
    [InlineData(WordSize.Bits64, 2)]
    [InlineData(WordSize.Bits64, 96)]
    [InlineData(WordSize.Bits64, 1020)]
    [InlineData(WordSize.Bits32, 2)]
    [InlineData(WordSize.Bits32, 254)]
    public void A_relocated_kernel_is_one_that_was_linked_there(WordSize word, long offset)
    {
        SampleKernel usual = SampleKernel.Link(word);
        byte[] relocated = Load(usual);
        byte[] linked = Load(SampleKernel.Link(word, offset << 20));
        Assert.NotEqual(linked, relocated);
        RelocationTable table = RelocationTable.Read(KernelBytes.FromMemory(usual.RelocationBytes), 0, word)!;
        Relocator.Apply(table, relocated, usual.Address, (ulong)offset << 20);
        ClearNotes(usual, relocated);
        ClearNotes(usual, linked);
        Assert.Equal(linked, relocated);
    }

    [Theory]
    [InlineData(0x81000ffdu)]
    [InlineData(0x80ffffffu)]
    [InlineData(1u)]
    public void A_place_outside_of_the_kernel_is_told(uint place)
    {
        RelocationTable table = Table(0, 0x81000008, 0, 0, place);
        byte[] image = new byte[4096];
        BootFormatException fault = Assert.Throws<BootFormatException>(() => Relocator.Apply(table, image, _linkedAt, 0x200000));
        Assert.Equal(
            $"relocations.32: expected a place in the 4096 bytes of the kernel from 0xffffffff81000000 on, found 0x{place:x}", fault.Message);
    }

    /// <summary>Numbers at both ends of the kernel, and one of all bits, so that each list's direction and width show.</summary>
    [Fact]
    public void Each_list_changes_its_numbers_and_nothing_else()
    {
        RelocationTable table = Table(0, 0x81000000, 0x81000018, 0, 0x81000008, 0, 0x8100000c, 0x81000014);
        byte[] image = new byte[32];
        BitConverter.TryWriteBytes(image.AsSpan(0), 0xffff_ffff_ffff_fff0UL);
        BitConverter.TryWriteBytes(image.AsSpan(8), 0x10u);
        BitConverter.TryWriteBytes(image.AsSpan(12), 0xffff_ffffu);
        BitConverter.TryWriteBytes(image.AsSpan(16), 0x1234_5678u);
        BitConverter.TryWriteBytes(image.AsSpan(24), 0x8100_0000UL);
        Relocator.Apply(table, image, _linkedAt, 0x20);
        Assert.Equal(0x10UL, BitConverter.ToUInt64(image, 0));
        Assert.Equal(0xffff_fff0u, BitConverter.ToUInt32(image, 8));
        Assert.Equal(0x1fu, BitConverter.ToUInt32(image, 12));
        Assert.Equal(0x1234_5678u, BitConverter.ToUInt32(image, 16));
        Assert.Equal(0x20u, BitConverter.ToUInt32(image, 20));
        Assert.Equal(0x8100_0020UL, BitConverter.ToUInt64(image, 24));
    }

    /// <summary>The last place that fits is taken, the next one and one below the kernel are not.</summary>
    [Theory]
    [InlineData("64", 8, 32)]
    [InlineData("inverse_32", 4, 32)]
    [InlineData("32", 4, 32)]
    [InlineData("64", 8, 8)]
    [InlineData("32", 4, 4)]
    public void A_number_ends_in_the_kernel(string list, int size, int length)
    {
        uint last = (uint)(0x81000000 + length - size);
        Relocator.Apply(Of(last), new byte[length], _linkedAt, 1);
        foreach (uint place in new[] { last + 1, 0x80ffffff })
        {
            BootFormatException fault = Assert.Throws<BootFormatException>(() => Relocator.Apply(Of(place), new byte[length], _linkedAt, 1));
            Assert.Equal((BootErrorCode.OutOfBounds, list), (fault.Code, fault.Field));
        }

        // A kernel that is shorter than the number has no place for one.
        Assert.Throws<BootFormatException>(() => Relocator.Apply(Of(0x81000000), new byte[size - 1], _linkedAt, 1));

        RelocationTable Of(uint place) => list switch
        {
            "64" => Table(0, place, 0, 0),
            "32" => Table(0, 0, 0, place),
            _ => Table(0, 0, place, 0),
        };
    }

    [Fact]
    public void Only_legal_offsets_are_chosen()
    {
        KaslrSlots slots = KaslrSlots.For(WordSize.Bits64, new Paddr(16 * MiB), 56 * MiB + 1, 2 * MiB);
        Assert.Equal((2 * MiB, 950 * MiB), (slots.Step, slots.Last));
        Assert.Equal(476ul, slots.Count);
        var chosen = Enumerable.Range(0, 20_000).Select(seed => slots.Choose(Kaslr.Random(seed))).ToHashSet();
        Assert.Equal(slots.Count, (ulong)chosen.Count);
        Assert.All(chosen, offset => Assert.True(offset % slots.Step == 0 && offset <= slots.Last));
        Assert.Equal(slots.Choose(Kaslr.Random(5)), slots.Choose(Kaslr.Random(5)));
        var strong = Enumerable.Range(0, 20_000).Select(_ => slots.Choose(Kaslr.Random())).ToList();
        Assert.Equal(chosen, strong.ToHashSet());
        Assert.InRange(strong.Count(offset => offset < slots.Count / 2 * slots.Step), 9_000, 11_000);
        Assert.Equal(0ul, new KaslrSlots(2 * MiB, 0).Choose(Kaslr.Random()));
        Assert.Equal(950 * MiB, slots.Choose(Kaslr.At(950 * MiB)));
        Assert.Equal((false, 0ul), (Kaslr.None.IsRandom, slots.Choose(Kaslr.None)));
        foreach (ulong wrong in new[] { MiB, 952 * MiB, ulong.MaxValue })
        {
            BootRequestException fault = Assert.Throws<BootRequestException>(() => slots.Choose(Kaslr.At(wrong)));
            Assert.Contains("one of 0x0 to 0x3b600000 in steps of 0x200000", fault.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0ul, KaslrSlots.For(WordSize.Bits32, new Paddr(16 * MiB), 500 * MiB, 2 * MiB).Last);
        Assert.Equal(476 * MiB, KaslrSlots.For(WordSize.Bits32, new Paddr(16 * MiB), 20 * MiB, 4 * MiB).Last);
    }

    private static RelocationTable Table(params uint[] words) =>
        RelocationTable.Read(KernelBytes.FromMemory(words.SelectMany(BitConverter.GetBytes).ToArray()), 0, WordSize.Bits64)!;

    private static byte[] Load(SampleKernel kernel)
    {
        byte[] image = new byte[kernel.MemorySize];
        ElfFile file = ElfFile.Open(KernelBytes.FromMemory(kernel.Elf));
        foreach (Segment segment in file.LoadSegments)
            file.Read(segment).CopyTo(image.AsSpan((int)(segment.PhysicalAddress.Value - SampleKernel.PhysicalAddress.Value)));
        return image;
    }

    /// <summary>Notes hold addresses, too, and no list has them: loaders read them from the file.</summary>
    private static void ClearNotes(SampleKernel kernel, byte[] image)
    {
        ElfFile file = ElfFile.Open(KernelBytes.FromMemory(kernel.Elf));
        Segment note = file.Segments.Single(segment => segment.Type == SegmentType.Note);
        image.AsSpan((int)(note.PhysicalAddress.Value - SampleKernel.PhysicalAddress.Value), (int)note.FileSize).Clear();
    }
}
