using System.Buffers.Binary;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Elf;
using BootProtocol.Sample;
using BootProtocol.Xen;

namespace BootProtocol.Boot.Tests.Sample;

/// <summary>The sample guest at other addresses than it was linked for.</summary>
public sealed class MovedBootTests
{
    [Theory]
    [InlineData(WordSize.Bits64, 0x6000000, 0)]
    [InlineData(WordSize.Bits64, 0x3fc00000, 0x1000000)]
    [InlineData(WordSize.Bits64, 0, 0x2e00000)]
    [InlineData(WordSize.Bits32, 0x1c400000, 0)]
    [InlineData(WordSize.Bits32, 0x200000, 0x1e00000)]
    [InlineData(WordSize.Bits32, 0, 0x2e00000)]
    public async Task RunsWhereItWasMoved(WordSize word, long virtualOffset, uint physicalOffset)
    {
        SampleKernel kernel = SampleKernel.Link(word);
        byte[] elf = kernel.Elf.ToArray();
        Relocate(elf, kernel, virtualOffset);
        Place(elf, kernel, physicalOffset);
        using var files = new GuestFiles();
        MachineRun run = await new Machine { Type = "q35", Kernel = files.Put("moved.elf", elf) }.RunAsync();

        GuestReport report = run.Report();
        Assert.Equal(kernel.Address.Value + (ulong)virtualOffset, report.Number("virtual"));
        Assert.Equal(SampleKernel.PhysicalAddress.Value + physicalOffset, report.Number("physical"));
        foreach (string list in word == WordSize.Bits64 ? (string[])["64", "inverse-32", "32"] : ["32"])
            Assert.Equal("right", report["relocation-" + list]);
    }

    [Fact]
    public async Task NoticesAListThatWasLeftOut()
    {
        SampleKernel kernel = SampleKernel.Link(WordSize.Bits64);
        byte[] elf = kernel.Elf.ToArray();
        Relocate(elf, kernel, 0x200000, inverse: false);
        using var files = new GuestFiles();
        MachineRun run = await new Machine { Type = "q35", Kernel = files.Put("moved.elf", elf) }.RunAsync();
        Assert.Equal("right", run.Report()["relocation-64"]);
        Assert.Equal("wrong", run.Report()["relocation-inverse-32"]);
    }

    /// <summary>Applies the lists to the segments in the file.</summary>
    private static void Relocate(byte[] elf, SampleKernel kernel, long offset, bool inverse = true)
    {
        foreach (uint address in kernel.Relocations64)
        {
            Span<byte> place = At(elf, kernel, address);
            BinaryPrimitives.WriteUInt64LittleEndian(place, BinaryPrimitives.ReadUInt64LittleEndian(place) + (ulong)offset);
        }

        foreach (uint address in inverse ? kernel.InverseRelocations32 : [])
        {
            Span<byte> place = At(elf, kernel, address);
            BinaryPrimitives.WriteUInt32LittleEndian(place, BinaryPrimitives.ReadUInt32LittleEndian(place) - (uint)offset);
        }

        foreach (uint address in kernel.Relocations32)
        {
            Span<byte> place = At(elf, kernel, address);
            BinaryPrimitives.WriteUInt32LittleEndian(place, BinaryPrimitives.ReadUInt32LittleEndian(place) + (uint)offset);
        }
    }

    private static Span<byte> At(byte[] elf, SampleKernel kernel, uint address)
    {
        foreach (Segment segment in ElfFile.Open(KernelBytes.FromMemory(kernel.Elf)).LoadSegments)
        {
            uint distance = address - (uint)segment.VirtualAddress.Value;
            if (distance < segment.FileSize)
                return elf.AsSpan((int)(segment.FileOffset + distance));
        }

        throw new InvalidOperationException($"No segment holds 0x{address:x}.");
    }

    /// <summary>Gives the segments other physical addresses, and the PVH entry with them.</summary>
    private static void Place(byte[] elf, SampleKernel kernel, uint offset)
    {
        ElfHeader header = ElfHeader.Parse(elf, kernel.Word);
        for (int i = 0; i < header.ProgramHeaderCount; i++)
        {
            Span<byte> place = elf.AsSpan((int)header.ProgramHeaderOffset + (i * header.ProgramHeaderSize));
            ProgramHeader segment = ProgramHeader.Parse(place, kernel.Word);
            if (segment.Type == SegmentType.Note)
                MoveEntry(elf.AsSpan((int)segment.FileOffset, (int)segment.FileSize), offset);
            ProgramHeader.Edit(place, kernel.Word).PhysicalAddress = new Paddr(segment.PhysicalAddress.Value + offset);
        }
    }

    private static void MoveEntry(Span<byte> notes, uint offset)
    {
        while (!notes.IsEmpty)
        {
            NoteHeader note = NoteHeader.Parse(notes);
            Span<byte> descriptor = notes[(NoteHeader.Layout.Size + Align(note.NameSize))..];
            if (note.Type == XenNotes.Number.Phys32Entry)
                BinaryPrimitives.WriteUInt32LittleEndian(descriptor, BinaryPrimitives.ReadUInt32LittleEndian(descriptor) + offset);
            notes = descriptor[Align(note.DescriptorSize)..];
        }
    }

    private static int Align(uint size) => (int)((size + 3) & ~3u);
}
