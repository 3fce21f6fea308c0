using System.Text.Json;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary>Spec files that the command line names.</summary>
public sealed class OwnSpecTests : IDisposable
{
    private const string Colours =
        """
        protocol paint little | Paint.

        enum colour : u16
          1 RED | As blood.
          7 BLUE | As the sky.
        """;

    private const string Pots =
        """
        protocol pots little | Pots of paint.

        flags pot_flags : u8
          0 FULL | Nothing was taken.
          2..3 SIZE | How large.

        struct pot | A pot.
          0 u8 kind = 0x7a | Always the same.
          1 pot_flags flags | What is true of it.
          2 colour colour | Its colour.
          4 u32 price | In cents.

        struct shelf | A shelf of pots.
          0 u64 owner | Who has it.
          8 u8 count | How many are there.
          . pad[3]
          12 pot[count max 3] pots | The pots.
          . pad[4]
          40 boot_e820_entry range | A shipped type.
          . pad[4]
        """;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Shipped =>
        [.. Directory.GetFiles(Repository.File("spec"), "*.bootspec").Select(static file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Shipped))]
    [Needs(Need.Time)]
    public void A_shipped_file_gives_what_is_shipped(string name)
    {
        string path = Repository.File("spec", name);
        string[] names = [.. CliRun.Start("layout", "--spec", path).Succeeded().Split('\n').Skip(1).Where(static line => line.Length > 0)
            .Select(static line => line.Trim().Split(' ')[0])];
        Assert.NotEmpty(names);
        foreach (string type in names)
            Assert.Equal(CliRun.Start("layout", type).Succeeded(), CliRun.Start("layout", type, "--spec", path).Succeeded());
    }

    [Fact]
    public void All_shipped_files_list_what_is_shipped()
    {
        string[] options = [.. Shipped.SelectMany(static row => new[] { "--spec", Repository.File("spec", row.Data) })];
        Assert.Equal(CliRun.Start("layout").Succeeded(), CliRun.Start(["layout", .. options]).Succeeded());
        Assert.Equal(CliRun.Start("layout", "--json").Succeeded(), CliRun.Start(["layout", "--json", .. options]).Succeeded());
        Assert.Equal(CliRun.Start("layout", "--c").Succeeded(), CliRun.Start(["layout", "--c", .. options]).Succeeded());
    }

    [Fact]
    public void Files_use_the_types_of_each_other_and_shipped_ones()
    {
        string list = CliRun.Start(["layout", .. Files()]).Succeeded();
        Assert.Equal(["name", "colour", "pot", "pot_flags", "shelf"], list.Split('\n').Where(static line => line.Length > 0)
            .Select(static line => line.Trim().Split(' ')[0]).Order(StringComparer.Ordinal).OrderByDescending(static word => word == "name"));
        string shelf = CliRun.Start(["layout", "shelf", .. Files()]).Succeeded();
        Assert.Matches(@"\n +0xc +24 +pot\[count max 3\] +pots +The pots\.", shelf);
        Assert.Matches(@"\n +0x28 +20 +boot_e820_entry +range ", shelf);
        Assert.Contains("size 64, alignment 8", shelf, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(CliRun.Start(["layout", "colour", "--json", .. Files()]).Succeeded());
        Assert.Equal([1, 7], json.RootElement.GetProperty("values").EnumerateArray().Select(static value => value.GetProperty("value").GetInt32()));
        Assert.Equal(CliRun.Start("layout", "setup_header").Succeeded(), CliRun.Start(["layout", "setup_header", .. Files()]).Succeeded());
    }

    [Fact]
    [Needs(Need.Tools)]
    public void A_compiler_places_the_fields_as_the_layout_does()
    {
        _folder.Write("shelf.h", CliRun.Start(["layout", "shelf", "--c", .. Files()]).Succeeded());
        _folder.Write("shelf.c", """
            #include "shelf.h"
            #include <stddef.h>
            struct twin_pot { uint8_t kind, flags; uint16_t colour; uint32_t price; };
            struct twin { uint64_t owner; uint8_t count; struct twin_pot pots[3]; uint32_t spare; char range[20]; };
            _Static_assert(offsetof(struct twin, pots) == offsetof(struct shelf, pots), "pots");
            _Static_assert(offsetof(struct twin, range) == offsetof(struct shelf, range), "range");
            _Static_assert(sizeof(struct twin) == sizeof(struct shelf), "size");
            _Static_assert(offsetof(struct twin_pot, price) == offsetof(struct pot, price), "price");
            """);
        _ = ToolRun.Start("gcc", ["-fsyntax-only", "-Wall", "-Werror", "shelf.c"], _folder.Path).Succeeded();
    }

    [Fact]
    public void A_file_replaces_shipped_types_of_its_names()
    {
        _folder.Write("mine.bootspec", "protocol mine little\nstruct boot_e820_entry | Mine.\n  0 u8 only | One.\n");
        Assert.Contains("size 1,", CliRun.Start("layout", "boot_e820_entry", "--spec", _folder.File("mine.bootspec")).Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public void Mistakes_are_lines_with_their_places()
    {
        _folder.Write("bad.bootspec", "protocol bad little\nstruct one\n  0 u32 a | A.\n  3 u8 b | B.\n  . nothing c | C.\n");
        string bad = _folder.File("bad.bootspec");
        CliRun run = CliRun.Start("layout", "--spec", bad);
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.Equal(
            $"{bad}(4,3): error BPS2001: 'b' is placed at 0x3, but the row above ends at 0x4; write 0x4, or '=' for a union\n"
            + $"{bad}(5,5): error BPS3003: 'nothing' is no type\n",
            run.Errors);
    }

    [Fact]
    public void What_is_no_spec_is_refused()
    {
        Assert.Equal($"error: {_folder.File("none")}: no such file\n", CliRun.Start("layout", "--spec", _folder.File("none")).Failed(1));
        File.WriteAllBytes(_folder.File("zeros"), new byte[2_000_000]);
        string large = CliRun.Start("layout", "--spec", _folder.File("zeros")).Failed(1);
        Assert.Contains("is no spec file: it has more than 1048576 characters", large, StringComparison.Ordinal);
        _folder.Write("noise", string.Concat(Enumerable.Repeat("?\n", 500)));
        string[] lines = CliRun.Start("layout", "--spec", _folder.File("noise")).Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(101, lines.Length);
        Assert.Matches("^error: [0-9]+ more mistakes$", lines[^1]);
    }

    [Fact]
    public void A_mistyped_name_is_corrected_by_those_of_the_file() =>
        Assert.Contains("did you mean 'shelf'?", CliRun.Start(["layout", "shelv", .. Files()]).Failed(2), StringComparison.Ordinal);

    private string[] Files()
    {
        _folder.Write("colours.bootspec", Colours);
        _folder.Write("pots.bootspec", Pots);
        return ["--spec", _folder.File("pots.bootspec"), "--spec", _folder.File("colours.bootspec")];
    }
}
