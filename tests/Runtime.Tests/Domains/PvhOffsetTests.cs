using System.Buffers.Binary;
using BootProtocol.Domains;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Memory;
using BootProtocol.Relocate;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Testing;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.Domains;

/// <summary>PVH kernels at virtual offsets whose entry takes the distance that it was moved by from its note in memory.</summary>
public sealed class PvhOffsetTests
{
    private const uint Linked = 0x1000000;
    private const ulong Base = 0xffffffff80000000;
    private const int CodeAt = 0x100;
    private const int NoteAt = 0x800;
    private const ulong Offset = 0x600000;
    private const ulong MiB = 1 << 20;

    /// <summary>Relocation lists that leave the note out: it is moved, and the kernel lies as much higher.</summary>
    [Theory]
    [InlineData(sizeof(uint))]
    [InlineData(sizeof(ulong))]
    public void A_note_that_the_entry_reads_is_moved(int size)
    {
        using PvhDomain domain = Build(Make(size, readsNote: true, moved: null), new PvhBuilder { MemorySize = 64 * MiB, Kaslr = Kaslr.At(Offset) });
        Assert.Equal(Linked + Offset, domain.Placement.Start.Value);
        Assert.Equal(Linked + Offset + CodeAt, domain.Cpu.InstructionPointer.Value);
        Assert.Equal(Linked + CodeAt + Offset, ReadNote(domain, size));
        Assert.Contains("at least 0x600000 above its own, 0x1000000", domain.Regions[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_note_that_the_lists_move_is_moved_once()
    {
        uint place = unchecked((uint)(Base + Linked + NoteAt));
        using PvhDomain domain = Build(
            Make(sizeof(uint), readsNote: true, moved: place), new PvhBuilder { MemorySize = 64 * MiB, Kaslr = Kaslr.At(Offset) });
        Assert.Equal(Linked, domain.Placement.Start.Value);
        Assert.Equal(Linked + CodeAt + Offset, ReadNote(domain, sizeof(uint)));
    }

    [Theory]
    [InlineData(false, Offset)]
    [InlineData(true, 0)]
    public void A_note_that_does_not_matter_stays(bool readsNote, ulong offset)
    {
        using PvhDomain domain = Build(
            Make(sizeof(uint), readsNote, moved: null), new PvhBuilder { MemorySize = 64 * MiB, Kaslr = Kaslr.At(offset) });
        Assert.Equal(Linked, domain.Placement.Start.Value);
        Assert.Equal(Linked + CodeAt, (uint)ReadNote(domain, sizeof(uint)));
    }

    [Fact]
    public void A_place_that_is_too_low_is_refused()
    {
        byte[] elf = Make(sizeof(uint), readsNote: true, moved: null);
        const string Why = "at least 0x600000 above its own, 0x1000000, as its entry takes no smaller distance than its virtual one";
        Assert.Equal(
            $"kernel.start: expected a multiple of 0x200000 from 0x1600000 on, its end up to 0x3fffffff (note PHYS32_RELOC; {Why}), found 0x1400000",
            Refuse(elf, new PvhBuilder { MemorySize = 64 * MiB, Kaslr = Kaslr.At(Offset), KernelAddress = new Paddr(Linked + 0x400000) }));
        using (PvhDomain domain = Build(elf, new PvhBuilder { MemorySize = 64 * MiB, Kaslr = Kaslr.At(Offset), KernelAddress = new Paddr(0x2000000) }))
            Assert.Equal(0x2000000u, domain.Placement.Start.Value);
        Assert.Equal(
            $"memory.kernel: expected 0x1000 bytes free from 0x1600000 on, their end up to 0x3fffffff (note PHYS32_RELOC; {Why}), "
                + "found no such room; the guest needs at least 23M of memory",
            Refuse(elf, new PvhBuilder { MemorySize = 22 * MiB, Kaslr = Kaslr.At(Offset) }));
    }

    [Fact]
    public void Below_where_it_was_linked_only_the_offset_0_is_left_to_chance()
    {
        byte[] elf = Make(sizeof(uint), readsNote: true, moved: null, lowest: 0);
        for (int seed = 0; seed < 10; seed++)
        {
            using PvhDomain domain = Build(
                elf, new PvhBuilder { MemorySize = 64 * MiB, Kaslr = Kaslr.Random(seed), KernelAddress = new Paddr(Linked / 2) });
            Assert.Equal((Linked / 2, 0ul), (domain.Placement.Start.Value, domain.Placement.VirtualOffset));
        }
    }

    /// <summary>Whatever chance chooses has room, for an initial ramdisk, too.</summary>
    [Fact]
    public void A_random_offset_has_room()
    {
        byte[] elf = Make(sizeof(uint), readsNote: true, moved: null);
        var offsets = new HashSet<ulong>();
        byte[] initrd = new byte[20 * MiB];
        for (int seed = 0; seed < 80; seed++)
        {
            using PvhDomain domain = Build(
                elf, new PvhBuilder { MemorySize = 64 * MiB, Kaslr = Kaslr.Random(seed), Initrds = [initrd] });
            KernelPlacement kernel = domain.Placement;
            Assert.True(kernel.Start.Value >= Linked + kernel.VirtualOffset, $"{seed}: {kernel}");
            offsets.Add(kernel.VirtualOffset);
        }

        // Linked at 16 MiB of 64, in steps of 2 MiB, without those in the midst.
        Assert.InRange(offsets.Count, 10, 24);
        Assert.Contains(0ul, offsets);
    }

    [Theory]
    [InlineData("6.12-amd64", false)]
    [InlineData("sid-amd64", true)]
    [Needs(Need.Kernels)]
    public void Real_kernels_are_known_by_their_code(string name, bool readsNote)
    {
        string path = DebianKernels.Find(name, "vmlinuz");
        using BootImage image = BootImage.Open(path);
        using Kernel kernel = image.Decompress();
        using PvhDomain domain = new PvhBuilder { MemorySize = 256 * MiB, Kaslr = Kaslr.At(0x6000000) }.Build(kernel);
        Assert.Equal(readsNote ? 0x7000000u : 0x1000000u, domain.Placement.Start.Value);
    }

    private static PvhDomain Build(byte[] elf, PvhBuilder builder)
    {
        using BootImage image = BootImage.Open(elf);
        using Kernel kernel = image.Decompress();
        return builder.Build(kernel);
    }

    private static string Refuse(byte[] elf, PvhBuilder builder) => Assert.ThrowsAny<BootException>(() => Build(elf, builder).Dispose()).Message;

    private static ulong ReadNote(PvhDomain domain, int size)
    {
        ReadOnlySpan<byte> bytes = domain.Memory.Slice(new Paddr(domain.Placement.Start.Value + NoteAt), size).Span;
        return size == sizeof(uint) ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    /// <summary>A kernel with its notes in its only segment, and two relocation lists behind the file.</summary>
    private static byte[] Make(int size, bool readsNote, uint? moved, uint lowest = Linked)
    {
        // Owner and header of a note take 16 bytes.
        var notes = new TestNotes();
        if (size == sizeof(uint))
            notes.Add("Xen", XenNotes.Number.Phys32Entry, Linked + CodeAt);
        else
            notes.Add("Xen", XenNotes.Number.Phys32Entry, (ulong)Linked + CodeAt);
        byte[] range = new byte[12];
        BinaryPrimitives.WriteUInt32LittleEndian(range, 0x200000);
        BinaryPrimitives.WriteUInt32LittleEndian(range.AsSpan(4), lowest);
        BinaryPrimitives.WriteUInt32LittleEndian(range.AsSpan(8), 0x3fffffff);
        notes.Add("Xen", XenNotes.Number.Phys32Reloc, range);

        byte[] data = new byte[0x1000];
        if (readsNote)
        {
            // subl rva(xen_elfnote_phys32_entry)(%ebp), %ebx
            data[CodeAt + 0x20] = 0x2b;
            data[CodeAt + 0x21] = 0x9d;
            BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(CodeAt + 0x22), NoteAt - CodeAt);
        }

        notes.Bytes.CopyTo(data, NoteAt - 16);
        var load = new TestSegment(SegmentType.Load, data)
        {
            Flags = SegmentFlags.Read | SegmentFlags.Write | SegmentFlags.Execute,
            PhysicalAddress = Linked,
            VirtualAddress = Base + Linked,
            Alignment = 4096,
        };
        byte[] elf = new TestElf { HasSections = false }.Add(load, new TestSegment(SegmentType.Note, new byte[notes.Bytes.Length])).Build();

        // The notes' program header leads into the segment.
        int header = new TestElf().HeaderSize + new TestElf().ProgramHeaderSize;
        ulong start = BinaryPrimitives.ReadUInt64LittleEndian(elf.AsSpan(new TestElf().HeaderSize + 8));
        BinaryPrimitives.WriteUInt64LittleEndian(elf.AsSpan(header + 8), start + NoteAt - 16);
        byte[] lists = new byte[moved is null ? 8 : 12];
        if (moved is { } place)
            BinaryPrimitives.WriteUInt32LittleEndian(lists.AsSpan(8), place);
        int end = (int)start + data.Length;
        return [.. elf.AsSpan(0, end), .. lists];
    }
}
