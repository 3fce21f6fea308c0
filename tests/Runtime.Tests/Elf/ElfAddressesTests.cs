using System.Text;
using BootProtocol.Elf;
using BootProtocol.Runtime.Tests.OwnSpecs.Pointers;
using BootProtocol.Symbols;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Elf;

/// <summary>What a file's addresses lead to.</summary>
public sealed class ElfAddressesTests
{
    /// <summary>Pointers of a kernel are followed by its own addresses: the environment that it gives to init.</summary>
    [Theory]
    [InlineData("6.12-amd64")]
    [InlineData("sid-amd64")]
    [Needs(Need.Kernels)]
    public void Pointers_of_a_kernel_lead_to_its_texts(string name)
    {
        ElfFile elf = DecodedKernels.Open(name);
        KernelSymbols symbols = KernelSymbols.Read(elf)!;
        var space = new ElfAddresses(elf);
        Assert.True(symbols.TryFind("linux_banner", out KernelSymbol banner));
        Assert.Equal("Linux version ", Encoding.ASCII.GetString(space.Read(banner.Address.Value, 14)));

        Assert.True(symbols.TryFind("envp_init", out KernelSymbol environment));
        string[] texts = ["HOME=/", "TERM=linux"];
        for (int i = 0; i < texts.Length; i++)
        {
            TextPointer pointer = TextPointer.Parse(space.Read(environment.Address.Value + (ulong)(i * TextPointer.Layout.Size), int.MaxValue));
            Assert.True(pointer.TryFollowText(space, out ReadOnlySpan<byte> text, out ParseError error), error.ToString());
            Assert.Equal(texts[i], Encoding.ASCII.GetString(text));
        }
    }

    /// <summary>Every byte of every segment is where its header says, and nothing else is anywhere.</summary>
    [Theory]
    [InlineData("6.12-amd64")]
    [InlineData("6.1-686-pae")]
    [Needs(Need.Kernels)]
    public void Addresses_are_those_of_the_segments(string name)
    {
        ElfFile elf = DecodedKernels.Open(name);
        var space = new ElfAddresses(elf);
        foreach (Segment segment in elf.LoadSegments.Where(static segment => segment.FileSize > 0))
        {
            ulong start = segment.VirtualAddress.Value;
            Assert.True(space.Read(start, int.MaxValue).SequenceEqual(elf.Read(segment)));
            Assert.Equal(1, space.Read(start + segment.FileSize - 1, 100).Length);
            Assert.Equal(0, space.Read(start, 0).Length);
        }

        ulong end = elf.LoadSegments.Max(static segment => segment.VirtualAddress.Value + segment.FileSize);
        Assert.True(space.Read(end, 1).IsEmpty);
        Assert.True(space.Read(elf.LoadSegments.Min(static segment => segment.VirtualAddress.Value) - 1, 1).IsEmpty);
        Assert.True(space.Read(ulong.MaxValue, 1).IsEmpty);
    }
}
