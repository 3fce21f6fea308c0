using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using BootProtocol.Runtime.Tests.Cli;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Types;

/// <summary>Structures of a kernel, as pahole shows them from the same types.</summary>
[Needs(Need.Kernels)]
public sealed partial class PaholeTests
{
    private const string Pahole = "/usr/bin/pahole";

    public static TheoryData<string> Structures =>
    [
        "task_struct", "list_head", "file", "inode", "super_block", "page", "mm_struct", "vm_area_struct", "net_device", "sk_buff", "sock", "dentry",
        "module", "device", "cred", "signal_struct", "rq", "pci_dev", "kobject", "boot_params", "work_struct", "thread_struct", "bio", "request",
    ];

    [Theory]
    [MemberData(nameof(Structures))]
    public void Members_stand_where_pahole_says(string name)
    {
        Assert.SkipUnless(File.Exists(Pahole), "pahole is not on this machine.");
        string image = DebianKernels.Cloud61;
        using var folder = new TemporaryFolder();
        _ = CliRun.Start("extract", image, "-o", folder.File("vmlinux")).Succeeded();
        string text = ToolRun.Start(Pahole, ["-C", name, "vmlinux"], folder.Path).Succeeded();
        using var json = JsonDocument.Parse(CliRun.Start("layout", "--from", image, name, "--json").Succeeded());

        Assert.Equal(int.Parse(Size().Match(text).Groups[1].ValueSpan, CultureInfo.InvariantCulture), json.RootElement.GetProperty("size").GetInt32());
        string[] theirs = [.. Member().Matches(text).Select(OfPahole).Order(StringComparer.Ordinal)];
        string[] ours = [.. json.RootElement.GetProperty("members").EnumerateArray().Select(OfTool).Order(StringComparer.Ordinal)];
        Assert.NotEmpty(theirs);
        Assert.Equal(theirs, ours);
    }

    /// <summary>Name, place in bits, and size in bytes or in bits.</summary>
    private static string OfPahole(Match match)
    {
        int Number(string group) => match.Groups[group].Success ? int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture) : 0;
        string name = match.Groups["pointer"].Success ? match.Groups["pointer"].Value : match.Groups["name"].Value;
        string size = match.Groups["bits"].Success ? $"{Number("bits")} bits" : $"{Number("size")}";
        return $"{name} {(Number("offset") * 8) + Number("bit")} {size}";
    }

    private static string OfTool(JsonElement member)
    {
        string name = member.GetProperty("name").GetString()!.Split('.')[^1];
        bool isBits = member.TryGetProperty("bits", out JsonElement bits);
        int bit = isBits ? member.GetProperty("bit_offset").GetInt32() : 0;
        string size = isBits ? $"{bits.GetInt32()} bits" : $"{member.GetProperty("size").GetInt32()}";
        return $"{name} {(member.GetProperty("offset").GetInt32() * 8) + bit} {size}";
    }

    [GeneratedRegex(@"^\t/\* size: (\d+),", RegexOptions.Multiline)]
    private static partial Regex Size();

    /// <summary>A declaration with its place: not the end of a structure without a name, which has a line of its own for each member.</summary>
    [GeneratedRegex(
        @"^\t+(?:[^/\n]*?\(\*+(?:const )?(?<pointer>\w+)[^\n]*?|[^/\n]*?(?<name>\w+)(?:\[\d*\])*(?::\s*(?<bits>\d+))?)(?: __attribute__\(\(.*?\)\))?;"
        + @"\s*/\*\s+(?<offset>\d+)(?::\s*(?<bit>\d+))?\s+(?<size>\d+)\s+\*/",
        RegexOptions.Multiline)]
    private static partial Regex Member();
}
