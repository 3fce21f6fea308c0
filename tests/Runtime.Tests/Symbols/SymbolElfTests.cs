using System.Globalization;
using BootProtocol.Elf;
using BootProtocol.Runtime.Tests.Cli;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Symbols;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Symbols;

/// <summary>ELF files with a symbol table, read by other programs.</summary>
public sealed class SymbolElfTests
{
    public static TheoryData<string> Kernels => ["6.1-686-pae", "6.1-cloud-amd64", "6.12-amd64", "sid-amd64"];

    [Theory]
    [MemberData(nameof(Kernels))]
    [Needs(Need.Kernels)]
    public void Other_programs_read_the_symbols(string name)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("vmlinux");
        string said = CliRun.Start("extract", DebianKernels.Find(name, "vmlinuz"), "--symbols", "-o", path).Succeeded();
        Assert.Contains("vmlinux with symbols, ", said, StringComparison.Ordinal);

        // Nothing of the kernel is moved or changed but where its header says that the section headers are.
        byte[] file = File.ReadAllBytes(path);
        byte[] kernel = DecodedKernels.Bytes(name);
        Assert.True(file.AsSpan(64, kernel.Length - 64).SequenceEqual(kernel.AsSpan(64)));
        KernelSymbols symbols = KernelSymbols.Read(DecodedKernels.Open(name))!;

        IEnumerable<(string, string)> listed = ToolRun.Start("nm", ["vmlinux"], folder.Path).Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 3)).Select(parts => (parts[0], parts[2]));
        Assert.Equal(
            symbols.Select(symbol => symbol.ToString().Split(' ', 3)).Select(parts => (parts[0], parts[2])).Order(),
            listed.Order());

        ToolRun sections = ToolRun.Start("readelf", ["-SW", "vmlinux"], folder.Path);
        Assert.Contains(" .symtab ", sections.Succeeded(), StringComparison.Ordinal);
        Assert.Equal("", sections.Errors);
        Assert.True(symbols.TryFind("start_kernel", out KernelSymbol start));
        string line = ToolRun.Start("readelf", ["-sW", "vmlinux"], folder.Path).Succeeded().Split('\n')
            .Single(text => text.EndsWith(" start_kernel", StringComparison.Ordinal));
        Assert.Matches($@"{start.Address.Value:x} +{start.Size} FUNC +GLOBAL DEFAULT ", line);

        string code = ToolRun.Start("objdump", ["-d", "--no-show-raw-insn", "--disassemble=start_kernel", "vmlinux"], folder.Path).Succeeded();
        Assert.Contains("<start_kernel>:", code, StringComparison.Ordinal);
        Assert.Matches(@"call +[0-9a-f]+ <\w+>", code);
    }

    [Fact]
    [Needs(Need.Kernels)]
    public void Gdb_names_places()
    {
        const string Gdb = "/usr/bin/gdb";
        if (!File.Exists(Gdb))
            Assert.Skip("gdb is not on this machine.");
        using var folder = new TemporaryFolder();
        _ = CliRun.Start("extract", DebianKernels.Amd64612, "--symbols", "-o", folder.File("vmlinux")).Succeeded();
        string text = ToolRun.Start(Gdb, ["-nx", "-batch", "-ex", "info symbol start_kernel", "-ex", "x/2i kernel_init", "vmlinux"], folder.Path).Succeeded();
        Assert.Contains("start_kernel in section .init.text", text, StringComparison.Ordinal);
        Assert.Matches(@"0x[0-9a-f]+ <kernel_init\+\d+>:", text);
    }

    [Theory]
    [InlineData(WordSize.Bits64)]
    [InlineData(WordSize.Bits32)]
    public void Sections_are_kept_and_added(WordSize word)
    {
        ulong start = word == WordSize.Bits64 ? 0xffffffff_81000000 : 0xc1000000;
        var writer = new KallsymsWriter { Layout = KallsymsLayout.Places, Word = word, Symbols = KallsymsWriter.MakeSymbols(500, start) };
        byte[] file = writer.Build();
        ElfFile written = Write(file, out KernelSymbols symbols);
        SymbolTable table = written.Symbols!;
        Assert.Equal(symbols.Count + 1, table.Count);
        var seen = new List<string>();
        for (int i = 1; i < table.Count; i++)
        {
            SymbolBinding binding = table[i].Symbol.Info.GetBinding();
            Assert.Equal(i < (int)table.Section.Info, binding == SymbolBinding.Local);
            seen.Add($"{table[i].Symbol.Value.Value.ToString(word == WordSize.Bits64 ? "x16" : "x8", CultureInfo.InvariantCulture)} {table[i].Name}");
        }

        Assert.Equal(symbols.Select(symbol => symbol.ToString().Remove(symbol.ToString().IndexOf(' ', StringComparison.Ordinal), 2)).Order(), seen.Order());
        Assert.Equal([TestElf.NamesSection, ".symtab", ".strtab"], written.Sections.Skip(1).Select(section => section.Name));

        // What has a symbol table gets no second one.
        Assert.Throws<BootFormatException>(() => SymbolElf.Write(written, symbols, Stream.Null));
    }

    [Fact]
    public void Without_sections_there_are_those_of_the_symbols_alone()
    {
        var writer = new KallsymsWriter { Layout = KallsymsLayout.Places, Symbols = KallsymsWriter.MakeSymbols(500, 0xffffffff_81000000) };
        byte[] file = writer.Build();
        ElfHeader.Writer header = ElfHeader.Edit(file, WordSize.Bits64);
        header.SectionHeaderOffset = 0;
        header.SectionHeaderCount = 0;
        header.SectionNamesIndex = 0;
        ElfFile written = Write(file, out KernelSymbols symbols);
        Assert.Equal(["", ".symtab", ".strtab", ".shstrtab"], written.Sections.Select(section => section.Name));
        Assert.True(written.Symbols!.TryFind("linux_banner", out SymbolEntry banner));
        Assert.Equal(0xffffffff_81000400, banner.Symbol.Value.Value);
        Assert.Equal(symbols.Count + 1, written.Symbols.Count);
    }

    [Fact]
    [Needs(Need.Kernels)]
    public void Xens_addresses_do_not_fit_into_its_file()
    {
        using var folder = new TemporaryFolder();
        string line = CliRun.Start("extract", DebianKernels.Xen, "--symbols", "-o", folder.File("xen")).Failed(1);
        Assert.Contains("expected addresses as wide as the file's, found addresses of 64 bits in a file of 32", line, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("xen")));
    }

    private static ElfFile Write(byte[] file, out KernelSymbols symbols)
    {
        ElfFile elf = ElfFile.Open(KernelBytes.FromMemory(file));
        symbols = KernelSymbols.Read(elf)!;
        using var stream = new MemoryStream();
        long length = SymbolElf.Write(elf, symbols, stream);
        byte[] written = stream.ToArray();
        Assert.Equal(written.Length, length);
        Assert.True(written.AsSpan(64, file.Length - 64).SequenceEqual(file.AsSpan(64)));
        ElfFile result = ElfFile.Open(KernelBytes.FromMemory(written));
        Assert.Empty(result.Sections.Faults);
        return result;
    }
}
