using BootProtocol.Elf;
using BootProtocol.Relocate;
using BootProtocol.Rules;
using BootProtocol.Sample;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.Sample;

/// <summary>The sample guest as the library itself reads it.</summary>
public sealed class SampleReadingTests
{
    [Theory]
    [InlineData(WordSize.Bits64)]
    [InlineData(WordSize.Bits32)]
    public void NotesSayHowToStartIt(WordSize word)
    {
        SampleKernel kernel = SampleKernel.Link(word);
        ElfFile file = Open(kernel);
        XenNotes notes = file.Notes.Xen;
        Assert.Equal("bootproto-sample", notes.GuestOs);
        Assert.Equal("1.0", notes.GuestVersion);
        Assert.Equal("generic", notes.Loader);
        Assert.Equal("xen-3.0", notes.XenVersion);
        Assert.Equal("yes", notes.PaeMode);
        Assert.Equal(kernel.Address.Value - SampleKernel.PhysicalAddress.Value, notes.VirtBase.Value);
        Assert.Equal(0u, notes.PaddrOffset);
        Assert.InRange(notes.Entry!.Value.Value, kernel.Address.Value, kernel.Address.Value + (ulong)kernel.MemorySize);
        Assert.InRange(notes.Phys32Entry!.Value.Value, SampleKernel.PhysicalAddress.Value, SampleKernel.PhysicalAddress.Value + 0x2000);
        Assert.Equal([0x200000u, 0x200000u, 0x3fffffffu], notes.Phys32Reloc!.Value);
        Assert.Equal(word == WordSize.Bits32 ? 0xf5800000u : null, notes.HvStartLow?.Value);
        Assert.Null(notes.HypercallPage);
    }

    [Theory]
    [InlineData(WordSize.Bits64, BootWay.Linux64)]
    [InlineData(WordSize.Bits32, BootWay.Linux32)]
    public void CanBeStartedInEveryWayThatItsWordSizeHas(WordSize word, BootWay linux)
    {
        IEnumerable<BootWayCheck> ways = BootWays.Of(Open(SampleKernel.Link(word)), hasLinuxHeader: true);
        BootWay[] possible = [.. ways.Where(way => way.Possible).Select(way => way.Way)];
        Assert.Contains(linux, possible);
        Assert.Contains(BootWay.Pvh, possible);
        Assert.Contains(BootWay.XenPv, possible);
    }

    [Theory]
    [InlineData(WordSize.Bits64)]
    [InlineData(WordSize.Bits32)]
    public void ListsAreFoundBehindTheKernel(WordSize word)
    {
        SampleKernel kernel = SampleKernel.Link(word);
        ElfFile file = Open(kernel);
        Assert.Equal(kernel.Elf.Length, file.EndOfFile);
        RelocationTable? table = RelocationTable.Read(file);
        Assert.NotNull(table);
        Assert.Equal(kernel.Relocations32, Entries(table, RelocationKind.Add32));
        if (word == WordSize.Bits32)
            return;
        Assert.Equal(kernel.Relocations64, Entries(table, RelocationKind.Add64));
        Assert.Equal(kernel.InverseRelocations32, Entries(table, RelocationKind.Subtract32));
    }

    private static ElfFile Open(SampleKernel kernel)
    {
        byte[] bytes = [.. kernel.Elf.Span, .. kernel.RelocationBytes.Span];
        return ElfFile.Open(KernelBytes.FromMemory(bytes));
    }

    private static List<uint> Entries(RelocationTable table, RelocationKind kind)
    {
        var entries = new List<uint>();
        foreach (Vaddr address in table[kind])
            entries.Add((uint)address.Value);
        return entries;
    }
}
