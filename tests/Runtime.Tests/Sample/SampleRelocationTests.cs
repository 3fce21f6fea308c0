using System.Buffers.Binary;
using System.Collections.Immutable;
using BootProtocol.Elf;
using BootProtocol.Sample;

namespace BootProtocol.Runtime.Tests.Sample;

/// <summary>The relocation lists, against the same kernel linked at another address.</summary>
public sealed class SampleRelocationTests
{
    public static TheoryData<WordSize, long> Moves { get; } = new()
    {
        { WordSize.Bits64, 0x200000 },
        { WordSize.Bits64, 0x6000000 },
        { WordSize.Bits64, 0x3fc00000 },
        { WordSize.Bits32, 0x200000 },
        { WordSize.Bits32, 0x1c400000 },
    };

    [Theory]
    [MemberData(nameof(Moves))]
    public void ListsAreExactlyTheDifferences(WordSize word, long offset)
    {
        SampleKernel kernel = SampleKernel.Link(word);
        byte[] moved = Load(kernel);
        byte[] before = [.. moved];
        foreach (uint address in kernel.Relocations64)
            Change(moved, kernel, address, sizeof(ulong), offset);
        foreach (uint address in kernel.InverseRelocations32)
            Change(moved, kernel, address, sizeof(uint), -offset);
        foreach (uint address in kernel.Relocations32)
            Change(moved, kernel, address, sizeof(uint), offset);

        Assert.Equal(Load(SampleKernel.Link(word, offset)), moved);

        // Nothing is listed twice, and nothing for nothing.
        ImmutableArray<uint> all = [.. kernel.Relocations64, .. kernel.InverseRelocations32, .. kernel.Relocations32];
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.All(all, address => Assert.NotEqual(Number(before, kernel, address), Number(moved, kernel, address)));
    }

    [Theory]
    [InlineData(WordSize.Bits64)]
    [InlineData(WordSize.Bits32)]
    public void EveryListThatTheWordSizeHasIsUsed(WordSize word)
    {
        SampleKernel kernel = SampleKernel.Link(word);
        Assert.Equal(word == WordSize.Bits64, !kernel.Relocations64.IsEmpty);
        Assert.Equal(word == WordSize.Bits64, !kernel.InverseRelocations32.IsEmpty);
        Assert.NotEmpty(kernel.Relocations32);
        ImmutableArray<uint>[] lists = [kernel.Relocations64, kernel.InverseRelocations32, kernel.Relocations32];
        Assert.All(lists, list => Assert.Equal(list.Order(), list));
    }

    [Theory]
    [InlineData(WordSize.Bits64)]
    [InlineData(WordSize.Bits32)]
    public void BytesAreTheKernelsForm(WordSize word)
    {
        SampleKernel kernel = SampleKernel.Link(word);
        uint[] expected = word == WordSize.Bits64
            ? [0, .. kernel.Relocations64, 0, .. kernel.InverseRelocations32, 0, .. kernel.Relocations32]
            : [0, .. kernel.Relocations32];
        var found = new List<uint>();
        for (int i = 0; i < kernel.RelocationBytes.Length; i += sizeof(uint))
            found.Add(BinaryPrimitives.ReadUInt32LittleEndian(kernel.RelocationBytes.Span[i..]));
        Assert.Equal(expected, found);
    }

    private static int Offset(SampleKernel kernel, uint address) => (int)(address - (uint)kernel.Address.Value);

    private static uint Number(byte[] image, SampleKernel kernel, uint address) =>
        BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(Offset(kernel, address)));

    private static void Change(byte[] image, SampleKernel kernel, uint address, int size, long difference)
    {
        Span<byte> place = image.AsSpan(Offset(kernel, address), size);
        if (size == sizeof(ulong))
            BinaryPrimitives.WriteUInt64LittleEndian(place, BinaryPrimitives.ReadUInt64LittleEndian(place) + (ulong)difference);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(place, BinaryPrimitives.ReadUInt32LittleEndian(place) + (uint)difference);
    }

    /// <summary>The memory of the kernel, without its notes: their addresses are not in the lists.</summary>
    private static byte[] Load(SampleKernel kernel)
    {
        ElfFile file = ElfFile.Open(KernelBytes.FromMemory(kernel.Elf));
        byte[] image = new byte[kernel.MemorySize];
        foreach (Segment segment in file.Segments.Where(segment => segment.Type == SegmentType.Load))
            file.Read(segment).CopyTo(Place(segment));
        foreach (Segment segment in file.Segments.Where(segment => segment.Type == SegmentType.Note))
            Place(segment).Clear();
        return image;

        Span<byte> Place(Segment segment) =>
            image.AsSpan((int)(segment.VirtualAddress.Value - kernel.Address.Value), (int)segment.FileSize);
    }
}
