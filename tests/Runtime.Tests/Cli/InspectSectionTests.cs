using System.Text.Json;
using System.Text.RegularExpressions;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Runtime.Tests.Images;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary>The summary and the sections of <c>inspect</c>.</summary>
[Needs(Need.Kernels)]
public sealed partial class InspectSectionTests
{
    [Fact]
    public void The_summary_comes_first_and_can_stand_alone()
    {
        string report = CliRun.Start("inspect", DebianKernels.Amd64612).Succeeded();
        string summary = CliRun.Start("inspect", DebianKernels.Amd64612, "--summary").Succeeded();
        Assert.StartsWith(summary, report, StringComparison.Ordinal);
        Assert.Equal(
            [
                "kind", "protocol", "kernel version", "boots by", "else by", "size", "compression", "signature", "config", "symbol table", "crc32", "kernel",
                "relocations",
            ],
            summary.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..].Select(static line => line.Trim().Split("  ")[0]));
        Assert.Contains("\n  boots by        linux64, linux32, pvh, xen-pv\n", summary, StringComparison.Ordinal);
        Assert.Contains("\n  config          no\n  symbol table    no\n", summary, StringComparison.Ordinal);

        string other = CliRun.Start("inspect", DebianKernels.Grub32, "--summary").Succeeded();
        Assert.Contains("\n  boots by        xen-pv\n  not by linux64  ", other, StringComparison.Ordinal);
        Assert.Contains("\n  not by pvh      ", other, StringComparison.Ordinal);
    }

    /// <summary>What starts an image that none of the library's ways starts.</summary>
    [Theory]
    [InlineData("6.12-amd64", "vmlinuz", "else by         UEFI firmware, x86 with 64 bits", "uefi")]
    [InlineData("6.1-686-pae", "vmlinuz", "else by         UEFI firmware, x86 with 32 bits", "uefi")]
    [InlineData("xen", "xen.gz", "else by         a Multiboot loader; a Multiboot2 loader", "multiboot multiboot2")]
    [InlineData("grub-xen", "grub-x86_64-xen.bin", null, "")]
    public void Other_loaders_are_named(string kernel, string file, string? row, string names)
    {
        string path = DebianKernels.Find(kernel, file);
        string summary = CliRun.Start("inspect", "--summary", path).Succeeded();
        if (row is not null)
            Assert.Contains($"\n  {row}\n", summary, StringComparison.Ordinal);
        else
            Assert.DoesNotContain("else by", summary, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(CliRun.Start("inspect", "--summary", "--json", path).Succeeded());
        Assert.Equal(names, string.Join(' ', json.RootElement.GetProperty("else_by").EnumerateArray()));
    }

    [Theory]
    [InlineData("setup_header", "0x202  header ")]
    [InlineData("kernel_info", "setup_type_max")]
    [InlineData("pe", "pe32plus_opt_hdr")]
    [InlineData("elf", "e_phoff")]
    [InlineData("segments", "PT_LOAD")]
    [InlineData("sections", ".rodata")]
    [InlineData("notes", "PHYS32_ENTRY")]
    public void A_section_can_stand_alone(string name, string content)
    {
        string report = CliRun.Start("inspect", DebianKernels.Amd64612).Succeeded();
        string section = CliRun.Start("inspect", DebianKernels.Amd64612, "--section", name).Succeeded();
        Assert.Contains(content, section, StringComparison.Ordinal);
        Assert.Contains($"\n\n{section}", report, StringComparison.Ordinal);

        // Where there is none, that is the answer.
        using var folder = new TemporaryFolder();
        string image = name is "setup_header" or "kernel_info" or "pe" ? DebianKernels.Grub32 : Write(folder, HeaderOnlyImage.Create());
        Assert.Equal($"no {name}\n", CliRun.Start("inspect", image, "--section", name).Succeeded());
    }

    /// <summary>It is long, and shown where it is asked for.</summary>
    [Fact]
    public void Options_come_with_their_witnesses()
    {
        string section = CliRun.Start("inspect", DebianKernels.Pae61, "--section", "config").Succeeded();
        Assert.StartsWith("config (the kernel carries none; what it proves)\n", section, StringComparison.Ordinal);
        Assert.Matches(@"\n  CONFIG_RD_XZ=y +function unxz\n", section);
        Assert.Matches(@"\n  CONFIG_VIRTIO_BLK is not built in +no function virtblk_probe\n", section);
        Assert.Matches(@"\n  CONFIG_KERNEL_XZ=y +payload of xz\n", section);
        Assert.Matches(@"\n  CONFIG_PVH=y +note PHYS32_ENTRY\n", section);
        Assert.DoesNotContain("CONFIG_", CliRun.Start("inspect", DebianKernels.Pae61).Succeeded(), StringComparison.Ordinal);
        Assert.Equal("no config\n", CliRun.Start("inspect", DebianKernels.Grub32, "--section", "config").Succeeded());
    }

    [Fact]
    public void Addresses_are_hexadecimal_and_sizes_are_not()
    {
        using var json = JsonDocument.Parse(CliRun.Start("inspect", DebianKernels.Amd64612, "--json").Succeeded());
        JsonElement header = json.RootElement.GetProperty("setup_header");
        Assert.Equal("0x7fffffff", header.GetProperty("initrd_addr_max").GetString());
        Assert.Equal("0x1000", header.GetProperty("start_sys_seg").GetString());
        Assert.Equal("0x0", header.GetProperty("hardware_subarch_data").GetString());
        Assert.Equal(2097152, header.GetProperty("kernel_alignment").GetInt32());
        JsonElement optional = json.RootElement.GetProperty("pe").GetProperty("optional_header");
        Assert.All(
            (string[])["entry_point", "code_base", "image_base"],
            name => Assert.StartsWith("0x", optional.GetProperty(name).GetString(), StringComparison.Ordinal));
        Assert.Equal(JsonValueKind.Number, optional.GetProperty("text_size").ValueKind);
        JsonElement[] notes = [.. json.RootElement.GetProperty("notes").EnumerateArray()];
        Assert.Equal("0x0", notes.Single(static note => note.GetProperty("name").GetString() == "PADDR_OFFSET").GetProperty("value").GetString());
        Assert.Equal(
            ["0x200000", "0x1000000", "0x3fffffff"],
            notes.Single(static note => note.GetProperty("name").GetString() == "PHYS32_RELOC").GetProperty("value").EnumerateArray()
                .Select(static value => value.GetString()));

        string report = CliRun.Start("inspect", DebianKernels.Amd64612).Succeeded();
        Assert.Contains("  initrd_addr_max        0x7fffffff ", report, StringComparison.Ordinal);
        Assert.Contains($"  init_size              {header.GetProperty("init_size").GetInt32():d} ", report, StringComparison.Ordinal);
        Assert.DoesNotMatch("[0-9]+ \\(0x", report);
    }

    [Fact]
    public void Sections_are_those_that_readelf_lists()
    {
        using var folder = new TemporaryFolder();
        string path = Write(folder, DecodedKernels.Bytes("6.1-686-pae"));
        string list = ToolRun.Start("readelf", ["--sections", "--wide", path], folder.Path).Succeeded();
        string[] expected = [.. ReadElfRow().Matches(list).Select(static match =>
            string.Join(' ', match.Groups[1], match.Groups[2], Number(match, 3), Number(match, 4), Number(match, 5), Number(match, 6)))];
        Assert.NotEmpty(expected);
        using var json = JsonDocument.Parse(CliRun.Start("inspect", path, "--section", "sections", "--json").Succeeded());
        Assert.Equal(expected, json.RootElement.GetProperty("sections").EnumerateArray()
            .Where(static section => section.GetProperty("type").GetString() != "SHT_NULL").Select(static section => string.Join(
            ' ',
            section.GetProperty("name").GetString(),
            section.GetProperty("type").GetString()!["SHT_".Length..],
            Convert.ToUInt64(section.GetProperty("addr").GetString(), 16),
            section.GetProperty("offset").GetUInt64(),
            section.GetProperty("size").GetUInt64(),
            section.GetProperty("entsize").GetUInt64())));

        static ulong Number(Match match, int group) => Convert.ToUInt64(match.Groups[group].Value, 16);
    }

    [Fact]
    public void Configuration_and_symbols_are_told()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.c", "const char ikconfig[] __attribute__((used)) = \"IKCFG_ST\\x1f\\x8b\\x08 broken\";\nvoid _start(void) { for (;;); }\n");
        _ = ToolRun.Start("gcc", ["-static", "-nostdlib", "-o", "a", "a.c"], folder.Path).Succeeded();
        CliRun run = CliRun.Start("inspect", folder.File("a"), "--summary");
        Assert.Contains("ikconfig", run.Faulty(), StringComparison.Ordinal);
        Assert.Contains("\n  config          no\n  symbol table    yes\n", run.Output, StringComparison.Ordinal);
        _ = ToolRun.Start("strip", ["a"], folder.Path).Succeeded();
        Assert.Contains("\n  symbol table    no\n", CliRun.Start("inspect", folder.File("a"), "--summary").Output, StringComparison.Ordinal);
    }

    private static string Write(TemporaryFolder folder, byte[] bytes)
    {
        string path = folder.File("image");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    [GeneratedRegex(@"^ *\[ *\d+\] (\S+) +(\S+) +([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+) ", RegexOptions.Multiline)]
    private static partial Regex ReadElfRow();
}
