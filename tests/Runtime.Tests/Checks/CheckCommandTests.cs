using System.Text;
using System.Text.Json;
using BootProtocol.Checks;
using BootProtocol.Runtime.Tests.Cli;
using BootProtocol.Testing;
using Json.Schema;

namespace BootProtocol.Runtime.Tests.Checks;

/// <summary><c>bootproto check</c>.</summary>
public sealed class CheckCommandTests : IDisposable
{
    /// <summary>What the schema of SARIF 2.1.0 requires of the objects that are written, and the types and values that it allows them.</summary>
    private const string SarifSchema = """
        {
          "type": "object", "required": ["version", "runs"],
          "properties": {
            "$schema": { "type": "string", "format": "uri" },
            "version": { "enum": ["2.1.0"] },
            "runs": { "type": "array", "items": { "$ref": "#/$defs/run" } }
          },
          "additionalProperties": false,
          "$defs": {
            "run": {
              "type": "object", "required": ["tool"], "additionalProperties": false,
              "properties": { "tool": { "$ref": "#/$defs/tool" }, "results": { "type": "array", "items": { "$ref": "#/$defs/result" } } }
            },
            "tool": { "type": "object", "required": ["driver"], "additionalProperties": false, "properties": { "driver": { "$ref": "#/$defs/driver" } } },
            "driver": {
              "type": "object", "required": ["name"], "additionalProperties": false,
              "properties": { "name": { "type": "string" }, "rules": { "type": "array", "uniqueItems": true, "items": { "$ref": "#/$defs/rule" } } }
            },
            "rule": {
              "type": "object", "required": ["id"], "additionalProperties": false,
              "properties": {
                "id": { "type": "string" },
                "shortDescription": { "$ref": "#/$defs/text" }, "fullDescription": { "$ref": "#/$defs/text" }, "help": { "$ref": "#/$defs/text" },
                "defaultConfiguration": { "type": "object", "additionalProperties": false, "properties": { "level": { "$ref": "#/$defs/level" } } }
              }
            },
            "result": {
              "type": "object", "required": ["message"], "additionalProperties": false,
              "properties": {
                "ruleId": { "type": "string" }, "ruleIndex": { "type": "integer", "minimum": -1 }, "level": { "$ref": "#/$defs/level" },
                "message": { "$ref": "#/$defs/text" }, "locations": { "type": "array", "uniqueItems": true, "items": { "$ref": "#/$defs/location" } }
              }
            },
            "location": {
              "type": "object", "additionalProperties": false,
              "properties": {
                "physicalLocation": {
                  "type": "object", "required": ["artifactLocation"], "additionalProperties": false,
                  "properties": {
                    "artifactLocation": {
                      "type": "object", "additionalProperties": false, "properties": { "uri": { "type": "string", "format": "uri-reference" } }
                    }
                  }
                }
              }
            },
            "text": { "type": "object", "required": ["text"], "additionalProperties": false, "properties": { "text": { "type": "string" } } },
            "level": { "enum": ["none", "note", "warning", "error"] }
          }
        }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_verdict_comes_first_and_exit_codes_go_by_severity()
    {
        string image = Write("image", CheckCases.Image);
        string initrd = Write("initrd", CheckCases.Initrd);
        Assert.Equal(
            $"{image}: nothing stops it by qemu; 0 warnings, 0 notes\n",
            CliRun.Start("check", image, "--initrd", initrd, "--cmdline", "quiet", "--for", "qemu").Succeeded());
        CliRun stopped = CliRun.Start("check", image, "--cmdline", "quiet");
        Assert.Equal((1, ""), (stopped.ExitCode, stopped.Errors));
        Assert.StartsWith($"{image}: does not boot: there is neither a ramdisk nor root= on the command line", stopped.Output, StringComparison.Ordinal);
        Assert.Contains("\n  to do      Add root=, or a ramdisk.\n", stopped.Output, StringComparison.Ordinal);
        Assert.Equal(4, CliRun.Start("check", Write("vmlinux", CheckCases.Vmlinux()), "--cmdline", "root=/dev/sda", "--for", "firecracker").ExitCode);
        Assert.Equal($"error: {_folder.File("none")}: no such file\n", CliRun.Start("check", image, "--initrd", _folder.File("none")).Failed(1));
        _ = CliRun.Start("check", image, "--for", "lilo").Failed(2);
    }

    /// <summary>Without --initrd and --cmdline, those of a unified kernel image count.</summary>
    [Fact]
    public void The_ramdisk_of_a_unified_kernel_image_is_read()
    {
        byte[] line = "quiet\n"u8.ToArray();
        string whole = Write("whole", PeFile.Add(PeFile.Stub(), (".linux", CheckCases.Image), (".cmdline", line), (".initrd", CheckCases.Initrd)));
        Assert.StartsWith($"{whole}: nothing stops it", CliRun.Start("check", whole).Succeeded(), StringComparison.Ordinal);
        byte[] other = CheckCases.Archive(("other", []));
        string wrong = Write("wrong", PeFile.Add(PeFile.Stub(), (".linux", CheckCases.Image), (".cmdline", line), (".initrd", other)));
        CliRun stopped = CliRun.Start("check", wrong);
        Assert.Equal(1, stopped.ExitCode);
        Assert.Contains("(initrd-init)", stopped.Output, StringComparison.Ordinal);
    }

    /// <summary>Sections .cmdline are text files: a line each, quotes and all.</summary>
    [Theory]
    [InlineData("quiet\nrdinit=/my\n")]
    [InlineData("quiet\trdinit=/my\r\n")]
    [InlineData("rdinit=\"/my\" quiet")]
    [InlineData("\"rdinit=/my\"")]
    [InlineData("a=\"x -- y\" rdinit=/my -- rdinit=/none")]
    public void Command_lines_of_unified_kernel_images_are_split_as_the_kernel_does(string line)
    {
        byte[] initrd = CheckCases.Archive(("my", []));
        byte[] image = PeFile.Add(PeFile.Stub(), (".linux", CheckCases.Image), (".cmdline", Encoding.UTF8.GetBytes(line)), (".initrd", initrd));
        Assert.Contains("nothing stops it", CliRun.Start("check", Write("image", image)).Succeeded(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(" \t\n", "")]
    [InlineData("a b\fc", "a|b|c")]
    [InlineData("a=\"b c\" d", "a=b c|d")]
    [InlineData("\"a b\"", "a b")]
    [InlineData("\"a b", "a b")]
    [InlineData("\"", "")]
    [InlineData("a=", "a=")]
    [InlineData("a=\"", "a=")]
    [InlineData("a=b\" \"c", "a=b\" \"c")]
    [InlineData("a -- b", "a")]
    [InlineData("a --b", "a|--b")]
    public void Words_of_command_lines(string line, string words) => Assert.Equal(words, string.Join('|', CommandLineWords.Split(line)));

    [Fact]
    public void Sarif_has_what_its_schema_requires()
    {
        string image = Write("my image", CheckCases.Image);
        CliRun run = CliRun.Start("check", image, "--cmdline", "quiet", "--for", "xen-pv", "--format", "sarif");
        Assert.Equal(1, run.ExitCode);
        using var json = JsonDocument.Parse(run.Output);
        Assert.True(JsonSchema.FromText(SarifSchema).Evaluate(json.RootElement).IsValid);
        JsonElement log = json.RootElement.GetProperty("runs")[0];
        JsonElement rules = log.GetProperty("tool").GetProperty("driver").GetProperty("rules");
        Assert.Equal(ImageCheck.Rules.Length, rules.GetArrayLength());
        JsonElement[] results = [.. log.GetProperty("results").EnumerateArray()];
        Assert.Equal(["xen-pv", "root"], results.Select(static result => result.GetProperty("ruleId").GetString()));
        foreach (JsonElement result in results)
        {
            Assert.Equal(result.GetProperty("ruleId").GetString(), rules[result.GetProperty("ruleIndex").GetInt32()].GetProperty("id").GetString());
            string uri = result.GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("artifactLocation").GetProperty("uri").GetString()!;
            Assert.Equal(image, Uri.UnescapeDataString(uri));
            Assert.DoesNotContain(' ', uri);
        }
    }

    [Fact]
    public void The_page_of_rules_is_that_of_the_code() =>
        Assert.Equal(File.ReadAllText(Repository.File("docs", "checks.md")), CliRun.Start("check", "--rules").Succeeded());

    private string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(_folder.File(name), bytes);
        return _folder.File(name);
    }
}
