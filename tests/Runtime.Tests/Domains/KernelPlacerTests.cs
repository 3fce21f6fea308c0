using System.Globalization;
using BootProtocol.Domains;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Memory;
using BootProtocol.Relocate;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Runtime.Tests.Kernels;
using BootProtocol.Sample;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Domains;

public sealed class KernelPlacerTests
{
    public static TheoryData<string> All => DecodedKernels.All;

    /// <summary>In place, moved up, moved down, and from bytes that were decoded before: every time what the program headers say.</summary>
    [Theory]
    [MemberData(nameof(All))]
    [Needs(Need.Kernels)]
    public void Segments_of_real_kernels_are_where_their_headers_say(string name)
    {
        byte[] expected = Expected(DecodedKernels.Open(name));
        using BootImage image = BootImage.Open(DecodedKernels.Image(name));
        foreach ((long distance, bool isDecoded) in new[] { (0L, false), (32 << 20, true), (-(1 << 20), false), (0x1000, true), (0, true) })
        {
            using Kernel kernel = image.Decompress();
            if (isDecoded)
                kernel.DecodeAll();
            using GuestMemory memory = GuestMemory.Allocate();
            using var placer = KernelPlacer.Decode(kernel, memory);
            long start = (long)placer.LinkedStart.Value + distance;
            if (start < 0)
                continue;
            Memory<byte> placed = placer.Place(new Paddr((ulong)start));
            Assert.True(placed.Span.SequenceEqual(expected), string.Create(CultureInfo.InvariantCulture, $"{distance} {isDecoded}"));
            GuestExtent extent = Assert.Single(memory.Extents);
            Assert.Equal((ulong)start & ~0xffful, extent.Start.Value);
            Assert.InRange(extent.Memory.Length - placed.Length, 0, 2 * 4096);
            Assert.False(extent.Memory.Span[^(extent.Memory.Length - placed.Length)..].ContainsAnyExcept((byte)0));
        }
    }

    [Theory]
    [InlineData("6.12-amd64")]
    [InlineData("6.1-686-pae")]
    [Needs(Need.Kernels)]
    public void A_kernel_is_the_same_relocated_in_place_and_from_a_copy(string name)
    {
        const ulong Offset = 0x6000000;
        ElfFile file = DecodedKernels.Open(name);
        byte[] expected = Expected(file);
        Relocator.Apply(RelocationTable.Read(file)!, expected, new KernelSegments(file).LinkedAddress, Offset);
        using BootImage image = BootImage.Open(DecodedKernels.Image(name));
        using Kernel kernel = image.Decompress();
        using GuestMemory memory = GuestMemory.Allocate();
        using var placer = KernelPlacer.Decode(kernel, memory);
        Assert.True(placer.Place(placer.LinkedStart, Offset).Span.SequenceEqual(expected));
        Assert.False(Expected(file).AsSpan().SequenceEqual(expected));
    }

    [Fact]
    [Needs(Need.Kernels)]
    public void A_kernel_without_lists_cannot_run_elsewhere()
    {
        using BootImage image = BootImage.Open(DecodedKernels.Image("grub-x86_64-xen.bin"));
        using Kernel kernel = image.Decompress();
        using GuestMemory memory = GuestMemory.Allocate();
        using var placer = KernelPlacer.Decode(kernel, memory);
        BootRequestException fault = Assert.Throws<BootRequestException>(() => placer.Place(placer.LinkedStart, 0x200000));
        Assert.Equal("relocations: expected relocation lists behind the kernel, to run it elsewhere, found none", fault.Message);
    }

    [Theory]
    [InlineData(WordSize.Bits32)]
    [InlineData(WordSize.Bits64)]
    public void Segments_that_take_too_much_end_with_an_error(WordSize word)
    {
        byte[] elf = SampleKernel.Link(word).Elf.ToArray();
        ElfFile file = ElfFile.Open(KernelBytes.FromMemory(elf));
        int index = file.LoadSegments[0].Index;
        ElfHeader header = file.Header;
        int at = (int)header.ProgramHeaderOffset + (index * header.ProgramHeaderSize);
        if (word == WordSize.Bits64)
            BitConverter.TryWriteBytes(elf.AsSpan(at + 0x28), 0x7fff_ffff_0000UL);
        else
            BitConverter.TryWriteBytes(elf.AsSpan(at + 0x14), 0x9000_0000U);
        using BootImage image = BootImage.Open(elf);
        using Kernel kernel = image.Decompress();
        using GuestMemory memory = GuestMemory.Allocate();
        BootFormatException fault = Assert.Throws<BootFormatException>(() => KernelPlacer.Decode(kernel, memory));
        Assert.Contains("at most 2 GiB in memory", fault.Message, StringComparison.Ordinal);
    }

    /// <summary>Segments without bytes in the file, whose offsets mean nothing, first, in the midst and last.</summary>
    [Theory]
    [InlineData(0x5000)]
    [InlineData(0x7fffffff)]
    [InlineData(0x80000000)]
    [InlineData(ulong.MaxValue)]
    public void Offsets_of_segments_without_bytes_mean_nothing(ulong offset)
    {
        foreach (int empty in new[] { 0, 1, 2 })
        {
            byte[] elf = ThreeSegments(empty, offset);
            byte[] expected = Expected(ElfFile.Open(KernelBytes.FromMemory(elf)));
            foreach (byte[] bytes in new[] { elf, PackedImage.Gzip(elf) })
            {
                foreach (ulong start in new ulong[] { 0x1000000, 0x1001000, 0xfff000, 0x2000000 })
                {
                    using BootImage image = BootImage.Open(bytes);
                    using Kernel kernel = image.Decompress();
                    using GuestMemory memory = GuestMemory.Allocate();
                    using var placer = KernelPlacer.Decode(kernel, memory);
                    Assert.Equal(expected, placer.Place(new Paddr(start)).ToArray());
                }
            }
        }
    }

    private static byte[] ThreeSegments(int empty, ulong offset)
    {
        var elf = new TestElf { HasSections = false };
        for (int i = 0; i < 3; i++)
        {
            byte[] data = new byte[i == empty ? 0 : 0x1000];
            data.AsSpan().Fill((byte)(i + 1));
            elf.Add(new TestSegment(SegmentType.Load, data) { PhysicalAddress = 0x1000000 + ((ulong)i << 13), MemorySize = 0x1800, Alignment = 0x1000 });
        }

        byte[] bytes = elf.Build();
        ProgramHeader.Writer header = ProgramHeader.Edit(bytes.AsSpan(elf.HeaderSize + (empty * elf.ProgramHeaderSize)), WordSize.Bits64);
        header.FileOffset = offset;
        return bytes;
    }

    private static byte[] Expected(ElfFile file)
    {
        ulong start = file.LoadSegments.Min(segment => segment.PhysicalAddress.Value);
        byte[] expected = new byte[file.LoadSegments.Max(segment => segment.PhysicalEnd.Value) - start];
        foreach (Segment segment in file.LoadSegments)
            file.Read(segment).CopyTo(expected.AsSpan((int)(segment.PhysicalAddress.Value - start)));
        return expected;
    }
}
