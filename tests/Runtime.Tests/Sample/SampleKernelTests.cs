using BootProtocol.Elf;
using BootProtocol.Sample;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Sample;

/// <summary>The ELF file, as other tools see it.</summary>
public sealed class SampleKernelTests
{
    [Theory]
    [InlineData(WordSize.Bits64)]
    [InlineData(WordSize.Bits32)]
    [Needs(Need.Tools)]
    public void ReadelfHasNothingToComplainAbout(WordSize word)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("guest.elf"), SampleKernel.Link(word).Elf.Span);
        ToolRun run = ToolRun.Start("readelf", ["-W", "-h", "-l", "-S", "-s", "-n", "guest.elf"], folder.Path);
        string text = run.Succeeded();
        Assert.Empty(run.Errors);
        Assert.DoesNotContain("Warning", text, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(word == WordSize.Bits64 ? "ELF64" : "ELF32", text, StringComparison.Ordinal);
        Assert.Contains("entry_xen_pv", text, StringComparison.Ordinal);
        Assert.Equal(3, Lines(text, "  LOAD "));
        Assert.Equal(1, Lines(text, "  NOTE "));
        Assert.Equal(word == WordSize.Bits64 ? 12 : 13, Lines(text, "  Xen "));
    }

    [Theory]
    [InlineData(WordSize.Bits64)]
    [InlineData(WordSize.Bits32)]
    public void NothingButAddressesDependsOnThePlace(WordSize word)
    {
        SampleKernel low = SampleKernel.Link(word);
        SampleKernel high = SampleKernel.Link(word, 0x10000000);
        Assert.Equal(low.Elf.Length, high.Elf.Length);
        Assert.Equal(low.MemorySize, high.MemorySize);
        Assert.Equal(low.Address.Value + 0x10000000, high.Address.Value);
    }

    [Fact]
    public void EntryIsAPhysicalAddressInTheCode()
    {
        foreach (WordSize word in (WordSize[])[WordSize.Bits32, WordSize.Bits64])
        {
            SampleKernel kernel = SampleKernel.Link(word);
            ElfHeader header = ElfHeader.Parse(kernel.Elf.Span, word);
            Assert.InRange(header.Entry.Value, SampleKernel.PhysicalAddress.Value, SampleKernel.PhysicalAddress.Value + 0x2000);
        }
    }

    [Theory]
    [InlineData(-0x200000)]
    [InlineData(0x1000)]
    [InlineData(0x40000000)]
    public void AnOffsetThatNoLoaderMayChooseIsRefused(long offset) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SampleKernel.Link(WordSize.Bits64, offset));

    private static int Lines(string text, string start) => text.Split('\n').Count(line => line.StartsWith(start, StringComparison.Ordinal));
}
