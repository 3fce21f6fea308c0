using BootProtocol.Elf;
using BootProtocol.Images;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Symbols;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Symbols;

/// <summary>The symbols of Debian's kernels and of Xen.</summary>
[Needs(Need.Kernels)]
public sealed class RealSymbolsTests
{
    public static TheoryData<string> Linux => DecodedKernels.Linux;

    [Theory]
    [MemberData(nameof(Linux))]
    public void A_kernel_has_its_symbols(string name)
    {
        ElfFile elf = DecodedKernels.Open(name);
        KernelSymbols symbols = KernelSymbols.Read(elf)!;
        Assert.True(symbols.Count > 40_000);
        Assert.True(symbols.HasOrder);
        Assert.True(symbols.TryFind("_text", out KernelSymbol text));
        Assert.Equal(elf.LoadSegments[0].VirtualAddress, text.Address);
        Assert.True(symbols.TryFindAt(text.Address, out KernelSymbol first));
        Assert.Equal(text.Address, first.Address);

        // Sections are not what the table is found by, and say the same.
        Assert.True(elf.Sections.TryFind(".text", out Section section));
        Assert.True(symbols.TryFind("_etext", out KernelSymbol end));
        Assert.InRange(end.Address.Value, section.Address.Value, section.Address.Value + section.Size);
    }

    /// <summary>Xen's ELF file does not say where the hypervisor runs; the same build as EFI program does.</summary>
    [Fact]
    public void Xen_has_the_addresses_of_its_efi_program()
    {
        KernelSymbols symbols = KernelSymbols.Read(DecodedKernels.Open("xen-4.20/xen.gz"))!;
        Assert.Equal((KernelSymbolForm.ImageRelative, WordSize.Bits64), (symbols.Form, symbols.Word));
        using var efi = BootImage.Open(DebianKernels.Find("xen-4.20", "xen.efi"));
        Assert.True(efi.TryGetPe(out PeView pe));
        Assert.True(pe.TryGetOptionalHeader64(out var header));
        Assert.True(symbols.TryFind("__image_base__", out KernelSymbol start));
        Assert.Equal(header.ImageBase, start.Address.Value);
        Assert.True(symbols.TryFind("do_xen_version", out KernelSymbol function));
        Assert.Equal('T', function.Kind);
    }

    [Theory]
    [InlineData("xen/xen.gz", 6000)]
    [InlineData("xen-shim-4.17/xen-shim", 2000)]
    [InlineData("xen-shim-4.20/xen-shim", 2000)]
    public void Xen_has_symbols(string name, int least)
    {
        KernelSymbols symbols = KernelSymbols.Read(DecodedKernels.Open(name))!;
        Assert.True(symbols.Count > least);
        Assert.True(symbols.TryFind("_stext", out KernelSymbol text));
        Assert.Equal(0xffff82d0_40200000, text.Address.Value);
    }

    [Theory]
    [InlineData("grub-x86_64-xen.bin")]
    [InlineData("grub-i386-xen.bin")]
    public void What_is_no_linux_has_none(string name) => Assert.Null(KernelSymbols.Read(DecodedKernels.Open(name)));

    [Theory]
    [InlineData("6.12-amd64")]
    [InlineData("6.1-686-pae")]
    public void Forty_changed_bits_are_refused_or_do_nothing_where_sorted_names_can_say(string name)
    {
        byte[] file = (byte[])DecodedKernels.Bytes(name).Clone();
        KernelSymbols symbols = KernelSymbols.Read(ElfFile.Open(KernelBytes.FromMemory(file)))!;
        string[] lines = [.. symbols.Select(symbol => symbol.ToString())];
        string[] names = [.. symbols.Select(symbol => symbol.Name)];
        int[] order = [.. Enumerable.Range(0, names.Length).OrderBy(index => names[index], StringComparer.Ordinal)];
        KallsymsTokens tokens = KallsymsTokens.Find(file, 0)!;
        KallsymsNames place = KallsymsNames.Find(file, tokens, new SearchEffort(file.Length))!.Value;
        var random = new Random(16);
        int refused = 0;
        for (int i = 0; i < 40; i++)
        {
            int at = random.Next(place.CountAt, tokens.End);
            file[at] ^= (byte)(1 << (i % 8));
            refused += FlippedTable.Judge(file, lines, order) == FlippedTable.Outcome.Refused ? 1 : 0;
            file[at] ^= (byte)(1 << (i % 8));
        }

        Assert.True(refused >= 20, $"{refused} of 40 are refused");
    }
}
