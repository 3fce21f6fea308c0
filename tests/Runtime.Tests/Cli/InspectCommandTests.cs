using System.Text.Json;
using BootProtocol.Images;
using BootProtocol.LinuxX86;
using BootProtocol.Runtime.Tests.Images;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

public sealed class InspectCommandTests
{
    [Fact]
    public void The_sample_guest_is_an_image_too()
    {
        string report = CliRun.Start("inspect", "--sample").Succeeded();
        Assert.Contains("setup_header (file offset 0x1f1", report, StringComparison.Ordinal);
        Assert.Contains("\"HdrS\"", report, StringComparison.Ordinal);
    }

    [Fact]
    public void The_report_is_plain_text_in_a_pipe()
    {
        using var folder = new TemporaryFolder();
        string report = CliRun.Start("inspect", Write(folder, HeaderOnlyImage.Create())).Succeeded();
        Assert.DoesNotContain('\u001b', report);
        Assert.Contains("\n   0x206  version                2.15 ", report, StringComparison.Ordinal);
        Assert.Contains("\n   0x211  loadflags              0x1 LOADED_HIGH ", report, StringComparison.Ordinal);
        Assert.Contains("\n  crc32           valid\n", report, StringComparison.Ordinal);
        Assert.DoesNotContain(" \n", report, StringComparison.Ordinal);
    }

    [Fact]
    public void The_report_has_every_field_of_the_table_and_no_other()
    {
        using var folder = new TemporaryFolder();
        string report = CliRun.Start("inspect", Write(folder, TestImages.Versioned(0x20d, 0x268))).Succeeded();
        Assert.All(
            SetupHeader.Layout.Info.Variants[0].Fields.Where(field => field.Name.Length > 0),
            field => Assert.Equal(
                field.Name is not ("kernel_info_offset" or "setup_move_size"),
                report.Contains($"  {field.Name} ", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_terminal_gets_lines_that_fit_and_colours_unless_it_does_not_want_them()
    {
        string colored = CliRun.OnTerminal(hasColors: true, "inspect", "--sample").Succeeded();
        Assert.Contains('\u001b', colored);
        string plain = CliRun.OnTerminal(hasColors: false, "inspect", "--sample").Succeeded();
        Assert.DoesNotContain('\u001b', plain);
        Assert.All(plain.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 120));
    }

    [Theory]
    [InlineData(null, "xterm", true)]
    [InlineData("", "xterm", true)]
    [InlineData("1", "xterm", false)]
    [InlineData(null, "dumb", false)]
    public void Colours_follow_the_environment(string? noColor, string terminal, bool expected)
    {
        var environment = new Dictionary<string, string?> { ["NO_COLOR"] = noColor, ["TERM"] = terminal };
        Assert.Equal(expected, BootProtocol.Cli.TerminalRules.AllowsColors(name => environment[name]));
    }

    [Fact]
    public void Json_of_a_kernel_has_the_documented_shape()
    {
        string path = DebianKernels.Amd64612;
        using var json = JsonDocument.Parse(CliRun.Start("inspect", path, "--json").Succeeded());
        JsonElement root = json.RootElement;
        Assert.Equal(
            [
                "file", "kind", "compressions", "protocol", "kernel_version", "boots", "size", "payload", "signatures", "config", "symbols",
                "crc32", "relocations", "uki", "setup_header", "kernel_info", "pe", "elf", "sections", "notes", "remarks", "faults",
            ],
            root.EnumerateObject().Select(property => property.Name));
        Assert.Equal(path, root.GetProperty("file").GetString());
        Assert.Equal("bzImage", root.GetProperty("kind").GetString());
        Assert.Equal("2.15", root.GetProperty("protocol").GetString());
        Assert.StartsWith("6.12.", root.GetProperty("kernel_version").GetString(), StringComparison.Ordinal);
        Assert.Equal("valid", root.GetProperty("crc32").GetString());

        JsonElement header = root.GetProperty("setup_header");
        Assert.Equal(39, header.GetProperty("setup_sects").GetInt32());
        Assert.Equal(0x53726448, header.GetProperty("header").GetInt64());
        Assert.Equal("2.15", header.GetProperty("version").GetString());
        Assert.Equal("0x1000000", header.GetProperty("pref_address").GetString());
        Assert.Equal("0x1", header.GetProperty("loadflags").GetProperty("value").GetString());
        Assert.Equal("LOADED_HIGH", header.GetProperty("loadflags").GetProperty("names")[0].GetString());
        Assert.Equal(0, header.GetProperty("hardware_subarch").GetProperty("value").GetInt32());
        Assert.Equal("X86_SUBARCH_PC", header.GetProperty("hardware_subarch").GetProperty("name").GetString());
        Assert.False(header.TryGetProperty("setup_move_size", out _));

        JsonElement info = root.GetProperty("kernel_info");
        Assert.Equal(["header", "size", "size_total", "setup_type_max"], info.EnumerateObject().Select(property => property.Name));
        Assert.Equal("0x80000009", info.GetProperty("setup_type_max").GetProperty("value").GetString());

        JsonElement pe = root.GetProperty("pe");
        Assert.Equal(["header", "optional_header", "data_directory", "sections"], pe.EnumerateObject().Select(property => property.Name));
        Assert.Equal(".setup", pe.GetProperty("sections")[0].GetProperty("name").GetString());
    }

    [Fact]
    public void Json_of_an_elf_guest_has_class_and_entry()
    {
        using var json = JsonDocument.Parse(CliRun.Start("inspect", "--json", DebianKernels.Grub32).Succeeded());
        JsonElement root = json.RootElement;
        Assert.Equal("elf", root.GetProperty("kind").GetString());
        Assert.Equal(32, root.GetProperty("elf").GetProperty("class").GetInt32());
        Assert.StartsWith("0x", root.GetProperty("elf").GetProperty("entry").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, root.GetProperty("setup_header").ValueKind);
        Assert.Equal(JsonValueKind.Null, root.GetProperty("protocol").ValueKind);
        Assert.Equal("absent", root.GetProperty("crc32").GetString());
    }

    [Fact]
    public void The_summary_comes_first_and_can_stand_alone()
    {
        string report = CliRun.Start("inspect", DebianKernels.Amd64612).Succeeded();
        string summary = CliRun.Start("inspect", DebianKernels.Amd64612, "--summary").Succeeded();
        Assert.StartsWith(summary, report, StringComparison.Ordinal);
        Assert.Equal(
            ["kind", "protocol", "kernel version", "boots by", "size", "compression", "config", "symbols", "crc32", "kernel", "relocations"],
            summary.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..].Select(static line => line.Trim().Split("  ")[0]));
        Assert.Contains("\n  boots by        linux64, linux32, pvh, xen-pv\n", summary, StringComparison.Ordinal);
        Assert.Contains("\n  config          no\n  symbols         no\n", summary, StringComparison.Ordinal);

        string other = CliRun.Start("inspect", DebianKernels.Grub32, "--summary").Succeeded();
        Assert.Contains("\n  boots by        xen-pv\n  not by linux64  ", other, StringComparison.Ordinal);
        Assert.Contains("\n  not by pvh      ", other, StringComparison.Ordinal);
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
        Assert.Contains("  init_size              58646528 ", report, StringComparison.Ordinal);
        Assert.DoesNotMatch("[0-9]+ \\(0x", report);
    }

    [Fact]
    public void Sections_are_those_that_readelf_lists()
    {
        byte[] kernel = BootProtocol.Runtime.Tests.Elf.DecodedKernels.Bytes("6.1-686-pae");
        using var folder = new TemporaryFolder();
        string path = Write(folder, kernel);
        string[] expected = [.. ToolRun.Start("readelf", ["--sections", "--wide", path], folder.Path).Succeeded().Split('\n')
            .Select(static line => System.Text.RegularExpressions.Regex.Match(line, @"^ *\[ *\d+\] (\S+) +(\S+) +([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+) "))
            .Where(static match => match.Success)
            .Select(static match => string.Join(' ', match.Groups[1], match.Groups[2], Number(match, 3), Number(match, 4), Number(match, 5), Number(match, 6)))];
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

        static ulong Number(System.Text.RegularExpressions.Match match, int group) => Convert.ToUInt64(match.Groups[group].Value, 16);
    }

    [Fact]
    public void Configuration_and_symbols_are_told()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.c", "const char ikconfig[] __attribute__((used)) = \"IKCFG_ST\\x1f\\x8b\\x08 broken\";\nvoid _start(void) { for (;;); }\n");
        _ = ToolRun.Start("gcc", ["-static", "-nostdlib", "-o", "a", "a.c"], folder.Path).Succeeded();
        string report = CliRun.Start("inspect", folder.File("a"), "--summary").Succeeded();
        Assert.Contains("\n  config          yes\n  symbols         yes\n", report, StringComparison.Ordinal);
        _ = ToolRun.Start("strip", ["a"], folder.Path).Succeeded();
        Assert.Contains("\n  symbols         no\n", CliRun.Start("inspect", folder.File("a"), "--summary").Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public void Zero_shows_what_it_stands_for()
    {
        using var folder = new TemporaryFolder();
        string path = Write(folder, TestImages.ZImage(new ProtocolVersion(2, 0), setupSectors: 0));
        using var json = JsonDocument.Parse(CliRun.Start("inspect", path, "--json").Succeeded());
        Assert.Equal(4, json.RootElement.GetProperty("setup_header").GetProperty("setup_sects").GetInt32());
        Assert.Contains("setup_sects      4 (stored as 0)", CliRun.Start("inspect", path).Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_behind_the_image_are_told()
    {
        using var folder = new TemporaryFolder();
        string report = CliRun.Start("inspect", Write(folder, [.. HeaderOnlyImage.Create(), .. new byte[100]])).Succeeded();
        Assert.Contains("4196 bytes: setup 2048, protected-mode part 2048, 100 behind its end", report, StringComparison.Ordinal);
    }

    [Fact]
    public void An_old_image_is_told_as_such()
    {
        using var folder = new TemporaryFolder();
        string path = Write(folder, TestImages.Old());
        Assert.Contains("before protocol 2.00", CliRun.Start("inspect", path).Succeeded(), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(CliRun.Start("inspect", path, "--json").Succeeded());
        Assert.Equal("old", json.RootElement.GetProperty("kind").GetString());
    }

    [Fact]
    public void A_truncated_image_is_one_line()
    {
        using var folder = new TemporaryFolder();
        string path = Write(folder, HeaderOnlyImage.Create()[..3000]);
        Assert.Equal(
            $"error: {path}: setup_header.syssize at offset 0x1f4: expected a file of 4096 bytes, found one of 3000 bytes (truncated)\n",
            CliRun.Start("inspect", path).Faulty());
        CliRun run = CliRun.Start("inspect", path, "--json");
        string line = run.Faulty();
        using var json = JsonDocument.Parse(run.Output);
        Assert.Equal($"error: {path}: {json.RootElement.GetProperty("faults")[0].GetString()}\n", line);
    }

    [Fact]
    public void Every_prefix_of_an_image_shows_what_is_intact_and_one_line()
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = HeaderOnlyImage.Create();
        string[] whole = Fields(CliRun.Start("inspect", Write(folder, bytes), "--json").Succeeded());
        for (int length = 0; length < bytes.Length; length += length is > 0x1f0 and < 0x280 ? 1 : 61)
        {
            CliRun run = CliRun.Start("inspect", Write(folder, bytes[..length]), "--json");
            if (length < 0x206)
            {
                // Too short for the header's magic number, by which a Linux image is recognised.
                run.Failed(1);
                continue;
            }

            if (length > bytes.Length - BootImage.ParagraphSize)
                run.Succeeded();
            else
                run.Faulty();
            string[] expected = [.. SetupHeader.Layout.Info.Variants[0].Fields
                .Where(field => BootImage.SetupHeaderOffset + field.Offset + field.Size <= length).Select(field => field.Name)];
            Assert.Equal(whole.Where(field => expected.Contains(field[..field.IndexOf('=', StringComparison.Ordinal)])), Fields(run.Output));
        }

        static string[] Fields(string text)
        {
            using var json = JsonDocument.Parse(text);
            return [.. json.RootElement.GetProperty("setup_header").EnumerateObject().Select(field => $"{field.Name}={field.Value}")];
        }
    }

    [Fact]
    public void A_version_text_cannot_command_the_terminal()
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = TestImages.Sample(image => image[0x300] = 0x1b);
        string report = CliRun.OnTerminal(hasColors: false, "inspect", Write(folder, bytes)).Succeeded();
        Assert.DoesNotContain('\u001b', report);
        Assert.Contains("\\u001b.1.0-sample", report, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/does/not/exist", "error: /does/not/exist: no such file\n")]
    [InlineData("", "error: '': no such file\n")]
    [InlineData("/proc", "error: /proc: is a directory, expected a file\n")]
    public void A_file_that_cannot_be_had_is_one_line(string path, string line) =>
        Assert.Equal(line, CliRun.Start("inspect", path).Failed(1));

    [Fact]
    public void A_file_that_is_no_image_is_one_line()
    {
        string line = CliRun.Start("inspect", Repository.File("LICENSE")).Failed(1);
        Assert.EndsWith(
            "image: expected a kernel image for x86: a Linux image, an ELF file, either of them compressed, or an EFI program, found a text, no kernel\n",
            line,
            StringComparison.Ordinal);
    }

    private static string Write(TemporaryFolder folder, byte[] bytes)
    {
        string path = folder.File("image");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
