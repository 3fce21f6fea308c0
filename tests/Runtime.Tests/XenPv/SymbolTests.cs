using System.Text;
using BootProtocol.Domains;
using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Memory;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Runtime.Tests.Oracle;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.XenPv;

/// <summary>The symbols that BSD_SYMTAB asks for, behind the kernel.</summary>
public sealed class SymbolTests
{
    [Theory]
    [InlineData(WordSize.Bits64, 5000ul, 3)]
    [InlineData(WordSize.Bits64, 4097ul, 40)]
    [InlineData(WordSize.Bits64, 8192ul, 1000)]
    [InlineData(WordSize.Bits32, 5000ul, 3)]
    [InlineData(WordSize.Bits32, 4097ul, 40)]
    [InlineData(WordSize.Bits32, 8191ul, 1000)]
    [Needs(Need.Tools)]
    public void Symbols_are_loaded_as_by_Xens_own_builder(WordSize word, ulong memorySize, int count)
    {
        PvKernel kernel = Make(word, memorySize, count, "yes");
        using var folder = new TemporaryFolder();
        string path = folder.File("kernel");
        File.WriteAllBytes(path, kernel.Build());
        var theirs = OracleRun.Start("pv", path, null, "", 16);
        using XenPvDomain ours = PvDomains.Build(kernel.Build(), new XenPvBuilder { MemorySize = 16 << 20 });
        byte[] memory = new byte[ours.LaidOutEnd.ToPaddr().Value];
        ours.Memory.Read(default, memory);
        Assert.Equal(theirs.Memory.Length, memory.Length + GuestMemory.PageSize);
        byte[] expected = theirs.Memory[..memory.Length];

        // Theirs hands over what happens to be there: behind an ELF header of 32 bits, and for the first section header.
        int start = (int)((memorySize + (ulong)word / 8 - 1) & ~((ulong)word / 8 - 1));
        int header = word == WordSize.Bits32 ? ElfHeader.Layout.Size32 : ElfHeader.Layout.Size64;
        int section = word == WordSize.Bits32 ? SectionHeader.Layout.Size32 : SectionHeader.Layout.Size64;
        Assert.False(memory.AsSpan((start + 4 + header)..(start + 68 + section)).ContainsAnyExcept((byte)0));
        expected.AsSpan((start + 4 + header)..(start + 68 + section)).Clear();
        Assert.Equal(memory.Length, memory.AsSpan().CommonPrefixLength(expected));

        // What was loaded is an ELF file with just these symbols.
        int size = BitConverter.ToInt32(memory, start);
        var file = ElfFile.Open(KernelBytes.FromMemory(memory.AsMemory(start + 4, size)));
        Assert.Equal(count, file.Symbols!.Count);
        Assert.True(file.Symbols.TryFind($"symbol_{count - 1}", out SymbolEntry last));
        Assert.Equal((ulong)count - 1, last.Symbol.Value.Value);
        Assert.Empty(PvDomains.Verify(ours));
    }

    [Theory]
    [InlineData("no")]
    [InlineData(null)]
    public void Nothing_is_loaded_unless_the_kernel_asks_for_it(string? note)
    {
        using XenPvDomain plain = PvDomains.Build(Make(WordSize.Bits64, 5000, 1000, note).Build(), new XenPvBuilder { MemorySize = 16 << 20 });
        Assert.Equal(2ul, plain.P2MFrame.Value);
        using XenPvDomain none = PvDomains.Build(
            (Make(WordSize.Bits64, 5000, 0, "yes") with { Sections = [] }).Build(),
            new XenPvBuilder { MemorySize = 16 << 20 });
        Assert.Equal(2ul, none.P2MFrame.Value);
    }

    /// <summary>Theirs sets aside 68 bytes too few, and then leaves names out where these bytes would lie in another page.</summary>
    [Fact]
    public void Symbols_that_end_at_a_page_have_all_their_names()
    {
        for (ulong memorySize = 4096; memorySize < 8192; memorySize += 32)
        {
            byte[] image = Make(WordSize.Bits32, memorySize, 40, "yes").Build();
            using XenPvDomain domain = PvDomains.Build(image, new XenPvBuilder { MemorySize = 16 << 20 });
            byte[] memory = new byte[domain.P2MFrame.ToPaddr().Value];
            domain.Memory.Read(default, memory);
            int start = (int)((memorySize + 3) & ~3ul);
            var file = ElfFile.Open(KernelBytes.FromMemory(memory.AsMemory(start + 4, BitConverter.ToInt32(memory, start))));
            Assert.True(file.Symbols!.TryFind("symbol_39", out _));
        }
    }

    [Fact]
    [Needs(Need.Time)]
    public void Symbols_and_names_of_more_than_2_GiB_are_refused()
    {
        const ulong Length = 1300ul << 20;
        PvKernel kernel = Make(WordSize.Bits64, 5000, 3, "yes");
        using var folder = new TemporaryFolder();
        string path = folder.File("kernel");
        using (FileStream file = File.Create(path))
        {
            file.Write((kernel with { Sections = [.. kernel.Sections.Select(section => section with { Size = Length })] }).Build());
            file.SetLength((long)Length + (1 << 20));
        }

        using BootImage image = BootImage.Open(path);
        using Kernel opened = image.Decompress();
        var builder = new XenPvBuilder { MemorySize = 16 << 20 };
        BootFormatException fault = Assert.Throws<BootFormatException>(() => builder.Build(opened).Dispose());
        Assert.Equal(
            "note Xen.BSD_SYMTAB: expected at most 2147479551 bytes of symbols and names, found 2726297600 bytes", fault.Message);
    }

    private static PvKernel Make(WordSize word, ulong memorySize, int count, string? note)
    {
        var names = new List<byte> { 0 };
        var symbols = new List<byte>();
        var elf = new TestElf { Word = word };
        for (int i = 0; i < count; i++)
        {
            symbols.AddRange(elf.MakeSymbol((uint)names.Count, (ulong)i, 8, SymbolType.Function));
            names.AddRange(Encoding.ASCII.GetBytes($"symbol_{i}\0"));
        }

        return new PvKernel
        {
            Word = word,
            MemorySize = memorySize,
            BsdSymtab = note,
            Sections =
            [
                new TestSection(".symtab", SectionType.SymbolTable, [.. symbols]) { Link = 2, EntrySize = (ulong)ViewSize(word) },
                new TestSection(".strtab", SectionType.StringTable, [.. names]),
            ],
        };
    }

    private static int ViewSize(WordSize word) => word == WordSize.Bits32 ? Symbol.Layout.Size32 : Symbol.Layout.Size64;
}
