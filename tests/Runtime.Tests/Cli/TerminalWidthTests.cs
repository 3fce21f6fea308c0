using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using BootProtocol.Cli.Reports;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary>On terminals of 80 columns, and of 120, no line is longer than that, and every number and name of the JSON is there, whole.</summary>
[Needs(Need.Kernels)]
public sealed partial class TerminalWidthTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Commands =>
    [
        "inspect 6.12-amd64", "inspect 6.1-686-pae", "inspect grub-i386-xen.bin", "inspect xen", "inspect --sample", "inspect 6.12-amd64 --header",
        "inspect 6.1-cloud-amd64 --summary", "notes 6.1-cloud-amd64", "notes grub-x86_64-xen.bin", "diff 6.1-cloud-amd64 6.12-amd64",
        "build 6.12-amd64 --boot linux64 --initrd 6.1-686-pae", "build 6.12-amd64 --boot linux32", "build 6.1-686-pae --boot pvh",
        "build 6.12-amd64 --boot xen-pv", "build --sample --boot xen-pv --bits 32 --with-boot-params", "verify domain --memory 32M",
        "layout setup_header", "layout start_info", "layout vcpu_guest_context", "layout pe32plus_opt_hdr", "layout xload_flags", "layout xen_elfnote",
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Commands))]
    public void Nothing_is_cut(string command)
    {
        string[] arguments = [.. command.Split(' ').Select(PathOf)];
        using var json = JsonDocument.Parse(CliRun.Start([.. arguments, "--json"]).Succeeded());
        foreach (int width in command.Length % 2 == 0 ? (int[])[80, 120] : [80])
        {
            TerminalRun run = TerminalRun.Start(width, arguments);
            Assert.Equal(0, run.ExitCode);
            string text = run.Text;
            CheckLines(text, width);
            HashSet<ulong> numbers = [.. Numbers().Matches(text).Select(static match => Parse(match.Value))];
            Assert.All(NumbersOf(json.RootElement), number => Assert.True(numbers.Contains(number), $"{number} (0x{number:x}) is not in\n{text}"));
            HashSet<string> words = [.. Words().Matches(text).Select(static match => match.Value)];
            Assert.All(NamesOf(json.RootElement), name =>
                Assert.True(words.Contains(name) || words.Contains(name.Replace("gdtr_base", "gdtr", StringComparison.Ordinal)), $"{name} is not in\n{text}"));
        }
    }

    /// <summary>The same text with more room has the same words in the same order: nothing comes or goes with the width.</summary>
    [Theory]
    [InlineData(20)]
    [InlineData(79)]
    [InlineData(200)]
    public void Width_changes_nothing_but_the_lines(int width)
    {
        string[] arguments = ["notes", DebianKernels.Amd64612];
        Assert.Equal(WordsOf(CliRun.Start(arguments)), WordsOf(CliRun.OnTerminal(width, arguments)));
    }

    [Theory]
    [InlineData("layout")]
    [InlineData("build", "--help")]
    [InlineData("xen", "start", "--help")]
    [InlineData("--help")]
    public void Lists_and_help_fit(params string[] arguments)
    {
        TerminalRun run = TerminalRun.Start(80, arguments);
        Assert.Equal(0, run.ExitCode);
        CheckLines(run.Text, 80);
    }

    [Theory]
    [InlineData("TERM", "dumb")]
    [InlineData("LC_ALL", "C")]
    [InlineData("LC_ALL", "")]
    public void Terminals_without_more_get_ascii(string name, string value)
    {
        string image = _folder.File("vmlinuz-é");
        File.Copy(DebianKernels.Grub32, image);
        var environment = new Dictionary<string, string> { ["LANG"] = "C", [name] = value };
        TerminalRun run = TerminalRun.Start(80, environment, $"\"$tool\" inspect --summary '{image}'");
        Assert.Equal(0, run.ExitCode);
        Assert.True(run.Output.All(char.IsAscii), run.Output);
        Assert.Contains("vmlinuz-\\u00e9", run.Output, StringComparison.Ordinal);
        Assert.Contains("vmlinuz-é", TerminalRun.Start(80, "inspect", "--summary", image).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "--color=always", "NO_COLOR", "1")]
    [InlineData(true, "--color=auto", "NO_COLOR", "")]
    [InlineData(false, "--color=auto", "NO_COLOR", "1")]
    [InlineData(false, "--color=auto", "TERM", "dumb")]
    [InlineData(false, "--color=never", "NO_COLOR", "")]
    public void Colours_are_as_asked_for(bool expected, string option, string name, string value)
    {
        TerminalRun run = TerminalRun.Start(80, new Dictionary<string, string> { [name] = value }, $"\"$tool\" {option} layout load_flags");
        Assert.Equal(expected, run.Output.Contains('\u001b', StringComparison.Ordinal));
        string piped = TerminalRun.Start(80, new Dictionary<string, string> { [name] = value }, $"\"$tool\" layout load_flags {option} | cat").Output;
        Assert.Equal(option == "--color=always", piped.Contains('\u001b', StringComparison.Ordinal));
    }

    private static string WordsOf(CliRun run) => string.Join(' ', run.Succeeded().Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));

    private static void CheckLines(string text, int width) => Assert.All(text.Split('\n'), line =>
        Assert.True(TextWidth.Of(line) <= width || !line.Trim().Contains(' ', StringComparison.Ordinal), $"longer than {width}: {line}"));

    private static ulong Parse(string text) => text.StartsWith("0x", StringComparison.Ordinal)
        ? ulong.Parse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
        : ulong.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>The numbers of a document, and the texts that are addresses.</summary>
    private static IEnumerable<ulong> NumbersOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => [value.GetUInt64()],
        JsonValueKind.String when Numbers().Match(value.GetString()!) is { Success: true } match && match.Length == value.GetString()!.Length
            && value.GetString()!.StartsWith("0x", StringComparison.Ordinal) => [Parse(match.Value)],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(NumbersOf),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(static property => NumbersOf(property.Value)),
        _ => [],
    };

    /// <summary>The names of fields, notes, flags, values, regions and parts.</summary>
    private static IEnumerable<string> NamesOf(JsonElement root)
    {
        foreach (string section in (string[])["setup_header", "kernel_info", "cpu"])
        {
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty(section, out JsonElement record) && record.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty field in record.EnumerateObject())
                    yield return field.Name;
            }
        }

        foreach (string name in Named(root).Where(static name => name.Length > 0 && Words().Match(name).Length == name.Length))
            yield return name;
    }

    private static IEnumerable<string> Named(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Named),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(static property =>
            property.Name is "name" or "type" or "names" or "part" && property.Value.ValueKind == JsonValueKind.String
                ? [property.Value.GetString()!]
                : Named(property.Value)),
        _ => [],
    };

    private string PathOf(string word)
    {
        switch (word)
        {
            case "domain":
                _ = CliRun.Start("build", "--sample", "--boot", "xen-pv", "--memory", "32M", "-o", _folder.File("domain")).Succeeded();
                return _folder.File("domain");
            case "xen":
                return DebianKernels.Xen;
            case var grub when grub.StartsWith("grub", StringComparison.Ordinal):
                return DebianKernels.Find("grub-xen", grub);
            case "6.12-amd64" or "6.1-686-pae" or "6.1-cloud-amd64":
                return DebianKernels.Find(word, "vmlinuz");
            default:
                return word;
        }
    }

    [GeneratedRegex(@"(?<![0-9A-Za-z_])(0x[0-9a-f]{1,16}|[0-9]{1,19})(?![0-9A-Za-z_])")]
    private static partial Regex Numbers();

    [GeneratedRegex(@"[A-Za-z_.][A-Za-z0-9_.]*")]
    private static partial Regex Words();
}
