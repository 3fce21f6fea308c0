using System.Text.Json;
using System.Xml.Linq;
using BootProtocol.Runtime.Tests.Images;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary>Structures in files, byte by byte.</summary>
public sealed class DumpCommandTests : IDisposable
{
    private const string Spec =
        """
        protocol pots little | Pots of paint.

        enum colour : u16
          1 RED | As blood.
          7 BLUE | As the sky.

        flags pot_flags : u8
          0 FULL | Nothing was taken.
          2..3 SIZE | How large.

        struct pot | A pot.
          0 u8 kind = 0x7a | Always the same.
          1 pot_flags flags | What is true of it.
          2 colour colour | Its colour.
          4 u32 price | In cents.

        struct shelf at 0x10 | A shelf of pots.
          0x10 u8 count | How many are there.
          . char[3] mark | Its letters.
          0x14 pot[count max 3] pots | The pots.
          0x2c s16 level | Above the floor.
          let first = count * 2 | Twice as many.
        """;

    private static readonly byte[] _shelf =
    [
        2, (byte)'A', (byte)'b', 0,
        0x7a, 0x05, 7, 0, 0x39, 0x30, 0, 0,
        0x7a, 0x00, 9, 0, 1, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0,
        0xfe, 0xff, 0, 0,
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_field_has_its_place_bytes_value_and_meaning()
    {
        string report = Dump([.. new byte[0x10], .. _shelf, 0xaa]).Succeeded();
        Assert.StartsWith("shelf (file offset 0x10 to 0x30)\n", report, StringComparison.Ordinal);
        Assert.Matches(@"\n +0x10 +02 +count +2 +How many are there\.\n", report);
        Assert.Matches(@"\n +0x11 +41 62 00 +mark +""Ab"" +Its letters\.\n", report);
        Assert.Matches(@"\n +0x15 +05 +pots\[0\]\.flags +0x5 FULL SIZE=0x1 +What is true of it\.\n", report);
        Assert.Matches(@"\n +0x16 +07 00 +pots\[0\]\.colour +7 BLUE +Its colour\.\n", report);
        Assert.Matches(@"\n +0x18 +39 30 00 00 +pots\[0\]\.price +12345 +In cents\.\n", report);
        Assert.Matches(@"\n +0x1e +09 00 +pots\[1\]\.colour +9 +Its colour\.\n", report);
        Assert.Matches(@"\n +0x2c +fe ff +level +-2 +Above the floor\.\n", report);
        Assert.Matches(@"\n +first +4 +Twice as many\.\n", report);
        Assert.DoesNotContain("pots[2]", report, StringComparison.Ordinal);
        Assert.Matches(@"\n +0x20 +01 00 00 00 00 00 00 00 00 00 00 00 fe ff 00 00 +pots\[1\]\.price level\n$", report);
    }

    /// <summary>Lines of the same bytes are told once, up to a field and to the end; what stands behind the bytes starts at one column.</summary>
    [Fact]
    public void Lines_of_the_same_bytes_are_left_out()
    {
        const string Same = "\n +the same bytes up to the next line\n";
        string spec = Path.Combine(_folder.Path, "room.bootspec");
        File.WriteAllText(spec, "protocol rooms little | Rooms.\nstruct room | A room.\n  0 u8[80] air | Air.\n  80 u32[18] floor | A floor.\n");
        string file = Path.Combine(_folder.Path, "room");
        File.WriteAllBytes(file, new byte[152]);
        string report = CliRun.Start("dump", file, "--spec", spec, "--struct", "room").Succeeded();
        Assert.Matches($@"\n +0x0 [0 ]+ air{Same} +0x50 [0 ]+ floor{Same} +0x90 ( 00){{8}}\n$", report);
        string[] ends = [" fields that start there", " air"];
        string[] heads = [.. report.Split('\n').Where(line => ends.Any(end => line.EndsWith(end, StringComparison.Ordinal)))];
        Assert.Equal(2, heads.Length);
        Assert.Equal(heads[0].IndexOf("fields", StringComparison.Ordinal), heads[1].IndexOf("air", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0x3")]
    [InlineData("3")]
    public void A_place_can_be_named(string place)
    {
        string report = Dump([1, 2, 3, .. _shelf], "--at", place).Succeeded();
        Assert.StartsWith("shelf (file offset 0x3 to 0x23)\n", report, StringComparison.Ordinal);
        Assert.Matches(@"\n +0x0 +-- -- -- 02 41 62 00 7a 05 07 00 39 30 00 00 7a +count mark pots\[0\]\.kind ", report);
    }

    [Fact]
    public void Json_has_the_same()
    {
        using var json = JsonDocument.Parse(Dump([.. new byte[0x10], .. _shelf], "--json").Succeeded());
        JsonElement shelf = Assert.Single(json.RootElement.GetProperty("structures").EnumerateArray());
        Assert.Equal(0x10, shelf.GetProperty("offset").GetInt32());
        Assert.Equal(32, shelf.GetProperty("length").GetInt32());
        JsonElement[] fields = [.. shelf.GetProperty("fields").EnumerateArray()];
        Assert.Equal(
            [
                "count 02", "mark 416200", "pots[0].kind 7a", "pots[0].flags 05", "pots[0].colour 0700", "pots[0].price 39300000",
                "pots[1].kind 7a", "pots[1].flags 00", "pots[1].colour 0900", "pots[1].price 01000000", "level feff", "first ",
            ],
            fields.Select(static field => $"{field.GetProperty("name").GetString()} {field.GetProperty("bytes").GetString()}"));
        Assert.Equal("BLUE", fields[4].GetProperty("value").GetProperty("name").GetString());
        Assert.Equal(-2, fields[10].GetProperty("value").GetInt32());
        Assert.Equal(JsonValueKind.Null, fields[11].GetProperty("offset").ValueKind);
        Assert.Equal(0, json.RootElement.GetProperty("faults").GetArrayLength());
    }

    [Fact]
    public void A_short_file_shows_what_is_there()
    {
        CliRun run = Dump([.. new byte[0x10], .. _shelf[..6]]);
        Assert.Equal($"error: {_folder.File("file")}: shelf at offset 0x10: expected 30 bytes, found 6 bytes\n", run.Faulty());
        Assert.Matches(@"\n +0x11 +41 62 00 +mark ", run.Output);
        Assert.DoesNotContain("level", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("shelf at offset 0x10: expected 30 bytes, found 0 bytes\n", Dump([1]).Faulty(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_constant_is_named_with_its_place()
    {
        byte[] bytes = [.. new byte[0x10], .. _shelf];
        bytes[0x1c] = 0x7b;
        CliRun run = Dump(bytes);
        Assert.Equal($"error: {_folder.File("file")}: pot.kind at offset 0x1c: expected 0x7a, found 0x7b\n", run.Faulty());
        Assert.Matches(@"\n +0x2c +fe ff +level +-2 ", run.Output);
        using var json = JsonDocument.Parse(Dump(bytes, "--json").Output);
        Assert.Equal("pot.kind at offset 0x1c: expected 0x7a, found 0x7b", Assert.Single(json.RootElement.GetProperty("faults").EnumerateArray()).GetString());
    }

    [Fact]
    public void A_shipped_structure_has_the_variant_that_is_asked_for()
    {
        byte[] header = [0x7f, (byte)'E', (byte)'L', (byte)'F', .. new byte[60]];
        header[0x18] = 0x34;
        header[0x19] = 0x12;
        File.WriteAllBytes(_folder.File("file"), header);
        string wide = CliRun.Start("dump", _folder.File("file"), "--struct", "elf_ehdr").Output;
        Assert.Matches(@"\n +0x18 +34 12 00 00 00 00 00 00 +e_entry +0x1234 ", wide);
        string narrow = CliRun.Start("dump", _folder.File("file"), "--struct", "elf_ehdr", "--bits", "32").Output;
        Assert.Matches(@"\n +0x18 +34 12 00 00 +e_entry +0x1234 ", narrow);
    }

    [Fact]
    public void An_image_shows_its_head()
    {
        byte[] image = HeaderOnlyImage.Create();
        File.WriteAllBytes(_folder.File("image"), image);
        CliRun run = CliRun.Start("dump", _folder.File("image"));
        Assert.Contains("setup_header (file offset 0x1f1 to ", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"\n +0x206 +0f 02 +version +2\.15 ", run.Output);
        string inspected = CliRun.Start("inspect", _folder.File("image"), "--section", "setup_header", "--json").Output;
        using var expected = JsonDocument.Parse(inspected);
        using var json = JsonDocument.Parse(CliRun.Start("dump", _folder.File("image"), "--json").Output);
        JsonElement header = json.RootElement.GetProperty("structures").EnumerateArray().Single(item => item.GetProperty("name").GetString() == "setup_header");
        Assert.Equal(
            expected.RootElement.GetProperty("setup_header").EnumerateObject().Select(static field => $"{field.Name} {Compact(field.Value)}"),
            header.GetProperty("fields").EnumerateArray()
                .Select(static field => $"{field.GetProperty("name").GetString()} {Compact(field.GetProperty("value"))}"));
    }

    [Fact]
    public void A_page_has_each_byte_with_its_field_and_needs_nothing_else()
    {
        byte[] bytes = [.. new byte[0x10], .. _shelf];
        bytes[0x12] = (byte)'<';
        string path = _folder.File("page.html");
        Assert.Equal("", Dump(bytes, "--html", path).Succeeded());
        string page = File.ReadAllText(path);
        int start = page.IndexOf("<body>", StringComparison.Ordinal);
        var body = XDocument.Parse(page[start..page.IndexOf("<script>", StringComparison.Ordinal)] + "</body>");
        XElement[] rows = [.. body.Descendants("tr").Where(static row => row.Attribute("data-f") is not null)];
        Assert.Equal(11, rows.Length);
        ILookup<string, XElement> parts = body.Descendants("b").ToLookup(static part => part.Attribute("data-f")!.Value);
        Assert.Equal(
            ["count 02", "mark 413c00", "pots[0].kind 7a", "pots[0].flags 05", "pots[0].colour 0700", "pots[0].price 39300000"],
            rows.Take(6).Select(row => $"{row.Elements().ElementAt(1).Value} {string.Concat(BytesOf(row).Select(static part => part.Value))}"));
        Assert.All(rows, row => Assert.All(BytesOf(row), part => Assert.Equal(row.Attribute("style")!.Value, part.Attribute("style")!.Value)));
        Assert.Equal("\"A<\"", rows[1].Elements().ElementAt(2).Value);
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        bytes[0x14] = 1;
        Assert.Equal(1, Dump(bytes, "--html", path).ExitCode);
        Assert.Contains("<p class=\"fault\">pot.kind at offset 0x14: expected 0x7a, found 0x1</p>", File.ReadAllText(path), StringComparison.Ordinal);

        IEnumerable<XElement> BytesOf(XElement row) => parts[row.Attribute("data-f")!.Value];
    }

    [Theory]
    [InlineData("--json and --html exclude each other", "dump", "file", "--json", "--html", "page")]
    [InlineData("--spec, --at and --bits go with --struct", "dump", "file", "--at", "3")]
    [InlineData("did you mean 'elf_ehdr'?", "dump", "file", "--struct", "elf_ehdrr")]
    [InlineData("--at: expected", "dump", "file", "--struct", "elf_ehdr", "--at", "abc")]
    [InlineData("--at: expected", "dump", "file", "--struct", "elf_ehdr", "--at", "0xffffffffffffffff")]
    [InlineData("only one file can be standard input", "dump", "-", "--spec", "-", "--struct", "elf_ehdr")]
    public void A_wrong_command_line_is_one_line(string expected, params string[] arguments) =>
        Assert.Contains(expected, CliRun.Start(arguments).Failed(2), StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Equal("error: /none: no such file\n", CliRun.Start("dump", "/none", "--struct", "elf_ehdr").Failed(1));

    private static string Compact(JsonElement value) =>
        string.Concat(value.GetRawText().Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));

    private CliRun Dump(byte[] bytes, params string[] options)
    {
        _folder.Write("pots.bootspec", Spec);
        File.WriteAllBytes(_folder.File("file"), bytes);
        return CliRun.Start(["dump", _folder.File("file"), "--spec", _folder.File("pots.bootspec"), "--struct", "shelf", .. options]);
    }
}
