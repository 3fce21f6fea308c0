using System.Text.Json;
using BootProtocol.Images;
using BootProtocol.LinuxX86;
using BootProtocol.Runtime.Tests.Images;
using BootProtocol.Specs;
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
    [Needs(Need.Kernels)]
    public void Json_of_a_kernel_has_the_documented_shape()
    {
        string path = DebianKernels.Amd64612;
        using var json = JsonDocument.Parse(CliRun.Start("inspect", path, "--json").Succeeded());
        JsonElement root = json.RootElement;
        Assert.Equal(
            [
                "file", "kind", "compressions", "protocol", "kernel_version", "boots", "else_by", "size", "payload", "signatures", "config",
                "symbols", "crc32", "relocations", "uki", "setup_header", "kernel_info", "pe", "multiboot", "elf", "sections", "notes", "remarks", "faults",
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
    [Needs(Need.Kernels)]
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
            SpecStructure table = SetupHeader.Layout.Info;
            string[] fields = [.. table.Variants[0].Fields
                .Where(field => BootImage.SetupHeaderOffset + field.Offset + field.Size <= length).Select(field => field.Name)];
            string[] expected = [.. fields, .. table.Computed
                .Where(row => row.Formula.Steps.All(step => fields.Contains(step) || !char.IsAsciiLetter(step[0]))).Select(row => row.Name)];
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
