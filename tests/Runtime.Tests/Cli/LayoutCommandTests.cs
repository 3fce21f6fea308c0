using System.Text.Json;
using BootProtocol.Specs;

namespace BootProtocol.Runtime.Tests.Cli;

public sealed class LayoutCommandTests
{
    public static TheoryData<string> Names =>
    [
        .. SpecCatalog.Structures.Select(structure => structure.Name),
        .. SpecCatalog.Choices.Select(choice => choice.Name),
        .. SpecCatalog.Enumerations.Select(enumeration => enumeration.Name),
        .. SpecCatalog.Notes.Select(notes => notes.Name),
    ];

    [Fact]
    public void The_list_has_every_name()
    {
        string[] lines = CliRun.Start("layout").Succeeded().Split('\n');
        Assert.All(Names, row => Assert.Contains(lines, line => line.StartsWith($"  {row.Data} ", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.Contains(" 1112|1168 ", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_name_has_a_report_and_json(string name)
    {
        Assert.Contains($" {name}\n", CliRun.Start("layout", name).Succeeded(), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(CliRun.Start("layout", name, "--json").Succeeded());
        Assert.Equal(name, json.RootElement.GetProperty("name").GetString());
    }

    [Fact]
    public void A_row_has_place_type_versions_access_and_meaning()
    {
        string report = CliRun.Start("layout", "setup_header").Succeeded();
        Assert.Matches(@"\n +0x37 +0x228 +4 +paddr32 +cmd_line_ptr +2\.02\+ +write obligatory +\S", report);
        Assert.Contains("[0 stands for 4]", report, StringComparison.Ordinal);
        Assert.Contains("[always 0x53726448]", report, StringComparison.Ordinal);
    }

    [Fact]
    public void A_choice_shows_what_its_numbers_choose()
    {
        string report = CliRun.Start("layout", "xc_record_body").Succeeded();
        Assert.Matches(@"\n +0x4 +X86_PV_VCPU_BASIC +xc_vcpu +vcpu_basic +A vcpu_guest_context\.\n", report);
        Assert.Contains("by xc_record_type, 4 bytes", report, StringComparison.Ordinal);
        Assert.Matches(@"\n +xc_record_body +body +by type, bytes length +\S", CliRun.Start("layout", "xc_record").Succeeded());
        Assert.Matches(@"\n +fdt_token_body +body +by token, sized +\S", CliRun.Start("layout", "fdt_token").Succeeded());
        Assert.Matches(@"\n +char\[\.\.\] +name +until 0 +\S", CliRun.Start("layout", "fdt_node_header").Succeeded());
        Assert.StartsWith("error: --c is for structures", CliRun.Start("layout", "xc_record_body", "--c").Failed(2), StringComparison.Ordinal);
    }

    [Fact]
    public void A_structure_with_two_variants_shows_both()
    {
        string report = CliRun.Start("layout", "start_info").Succeeded();
        Assert.Matches(@"\n +0x34 +8 +0x48 +16 +domu_console +console_domu ", report);
        Assert.Contains("32 bits: size 1112, alignment 4; 64 bits: size 1168, alignment 8", report, StringComparison.Ordinal);
    }

    [Fact]
    public void Fields_of_one_variant_only_are_shown_in_their_order()
    {
        SpecStructure structure = SpecCatalog.FindStructure("elf_phdr")!;
        string report = CliRun.Start("layout", "elf_phdr").Succeeded();
        foreach (SpecVariant variant in structure.Variants)
        {
            int last = -1;
            foreach (SpecField field in variant.Fields.Where(field => field.Name.Length > 0 && field.Name != "p_flags"))
            {
                int place = report.IndexOf($" {field.Name} ", StringComparison.Ordinal);
                Assert.True(place > last, field.Name);
                last = place;
            }
        }
    }

    [Fact]
    public void Json_has_the_documented_shape()
    {
        using var json = JsonDocument.Parse(CliRun.Start("layout", "start_info", "--json").Succeeded());
        JsonElement root = json.RootElement;
        Assert.Equal(["name", "packed", "variants", "computed"], root.EnumerateObject().Select(property => property.Name));
        Assert.Equal([32, 64], root.GetProperty("variants").EnumerateArray().Select(variant => variant.GetProperty("bits").GetInt32()));
        JsonElement variant = root.GetProperty("variants")[0];
        Assert.Equal(["bits", "size", "fields"], variant.EnumerateObject().Select(property => property.Name));
        Assert.Equal(
            ["name", "offset", "size", "type", "gate", "when", "access", "doc"],
            variant.GetProperty("fields")[0].EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public void Json_of_one_layout_counts_from_the_structures_start()
    {
        using var json = JsonDocument.Parse(CliRun.Start("layout", "setup_header", "--json").Succeeded());
        JsonElement root = json.RootElement;
        Assert.True(root.GetProperty("packed").GetBoolean());
        JsonElement variant = Assert.Single(root.GetProperty("variants").EnumerateArray());
        Assert.Equal(0, variant.GetProperty("bits").GetInt32());
        Assert.Equal(123, variant.GetProperty("size").GetInt32());
        JsonElement first = variant.GetProperty("fields")[0];
        Assert.Equal("setup_sects", first.GetProperty("name").GetString());
        Assert.Equal(0, first.GetProperty("offset").GetInt32());
        JsonElement sized = variant.GetProperty("fields").EnumerateArray().First(field => field.GetProperty("name").GetString() == "syssize");
        Assert.Equal("2.04+", sized.GetProperty("gate").GetString());
        Assert.Equal(
            ["setup_length: (setup_sects + 1) * 512, ''", "protected_length: syssize * 16, '2.04+'"],
            root.GetProperty("computed").EnumerateArray().Select(row =>
                $"{row.GetProperty("name")}: {row.GetProperty("formula")}, '{row.GetProperty("gate")}'"));
    }

    [Fact]
    public void Computed_numbers_stand_behind_the_fields()
    {
        string text = CliRun.Start("layout", "setup_header").Succeeded();
        int fields = text.IndexOf("kernel_info_offset", StringComparison.Ordinal);
        Assert.Contains("\ncomputed\n", text[fields..], StringComparison.Ordinal);
        Assert.Contains("(setup_sects + 1) * 512", text[fields..], StringComparison.Ordinal);
        Assert.DoesNotContain("\ncomputed\n", CliRun.Start("layout", "start_info").Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public void Json_of_all_is_an_array_of_the_same_objects()
    {
        using var json = JsonDocument.Parse(CliRun.Start("layout", "--json").Succeeded());
        Assert.Equal(
            SpecCatalog.Structures.Select(structure => structure.Name),
            json.RootElement.EnumerateArray().Select(structure => structure.GetProperty("name").GetString()!));
    }

    [Fact]
    public void A_terminal_gets_colours() =>
        Assert.Contains("\u001b[36mLOADED_HIGH\u001b[0m", CliRun.OnTerminal(hasColors: true, "layout", "load_flags").Succeeded(), StringComparison.Ordinal);
}
