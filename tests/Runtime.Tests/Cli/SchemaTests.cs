using System.Collections.Immutable;
using System.Text.Json;
using BootProtocol.Cli;
using BootProtocol.Cli.Commands;
using BootProtocol.Cli.Control;
using BootProtocol.Cli.Inspection;
using BootProtocol.Cli.Kexec;
using BootProtocol.Kexec;
using BootProtocol.Runtime.Tests.Checks;
using BootProtocol.Runtime.Tests.Images;
using BootProtocol.Runtime.Tests.KexecLoading;
using BootProtocol.Runtime.Tests.Symbols;
using BootProtocol.Testing;
using BootProtocol.Verify;
using BootProtocol.Xen.Domains;
using Json.Schema;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary>What each command writes as JSON is what its schema says.</summary>
public sealed class SchemaTests : IDisposable
{
    private static readonly Dictionary<string, JsonSchema> _schemas = Directory
        .GetFiles(Repository.File("runtime", "BootProtocol.Cli", "Schemas"), "*.schema.json")
        .ToDictionary(static file => Path.GetFileName(file).Split('.')[0], static file => JsonSchema.FromText(File.ReadAllText(file)));

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Images =>
    [
        "6.1-cloud-amd64", "6.12-amd64", "6.1-686-pae", "grub-i386-xen.bin", "grub-x86_64-xen.bin", "grub-i386-xen_pvh.bin", "xen",
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Images))]
    [Needs(Need.Kernels)]
    public void Inspect_and_notes(string name)
    {
        string image = PathOf(name);
        foreach (string[] options in (string[][])[[], ["--summary"], ["--header"], ["--header", "--summary"]])
            Check("inspect", 0, ["inspect", image, .. options]);
        foreach (InspectionSection section in InspectionSections.All)
        {
            JsonElement root = Check("inspect", 0, "inspect", image, "--section", section.Name);
            Assert.Equal(["file", section.Property], root.EnumerateObject().Select(static property => property.Name));
        }

        Check("notes", 0, "notes", image);
    }

    [Fact]
    public void Small_images()
    {
        byte[][] images = [HeaderOnlyImage.Create(), TestImages.Old(), TestImages.ZImage(new ProtocolVersion(2, 0), setupSectors: 0)];
        foreach (byte[] image in images)
        {
            File.WriteAllBytes(_folder.File("image"), image);
            Check("inspect", 0, "inspect", _folder.File("image"));
            Check("notes", 0, "notes", _folder.File("image"));
        }

        Check("inspect", 0, "inspect", "--sample");
    }

    [Fact]
    public void Configuration()
    {
        var writer = new KallsymsWriter
        {
            Banner = "Linux version 6.1.0",
            Layout = KallsymsLayout.OffsetsBehind,
            Symbols = KallsymsWriter.MakeSymbols(600, 0xffffffff_81000000),
        };
        File.WriteAllBytes(_folder.File("vmlinux"), writer.Build());
        JsonElement found = Check("inspect", 0, "inspect", _folder.File("vmlinux"), "--section", "config").GetProperty("configuration");
        Assert.False(found.GetProperty("complete").GetBoolean());
        Assert.True(found.GetProperty("options").GetArrayLength() > 60);
        Assert.Equal(JsonValueKind.Null, Check("inspect", 0, "inspect", "--sample", "--section", "config").GetProperty("configuration").ValueKind);
    }

    [Fact]
    [Needs(Need.Kernels)]
    public void Diff()
    {
        JsonElement different = Check("diff", 0, "diff", DebianKernels.Cloud61, DebianKernels.Amd64612);
        Assert.NotEqual(0, different.GetProperty("differences").GetArrayLength());
        Check("diff", 0, "diff", DebianKernels.Grub32, DebianKernels.Grub32);
    }

    [Theory]
    [InlineData("linux64", "64")]
    [InlineData("linux32", "32")]
    [InlineData("pvh", "32")]
    [InlineData("xen-pv", "32")]
    [InlineData("xen-pv", "64", "--with-boot-params")]
    [Needs(Need.Kernels)]
    public void Build(string way, string bits, params string[] options)
    {
        Check("build", 0, ["build", "--sample", "--boot", way, "--bits", bits, .. options]);
        if (bits == "64")
            Check("build", 0, "build", DebianKernels.Amd64612, "--boot", way);
    }

    [Fact]
    public void Symbols()
    {
        var writer = new KallsymsWriter { Layout = KallsymsLayout.OffsetsBehind, Symbols = KallsymsWriter.MakeSymbols(600, 0xffffffff_81000000) };
        File.WriteAllBytes(_folder.File("vmlinux"), writer.Build());
        JsonElement all = Check("symbols", 0, "symbols", _folder.File("vmlinux"));
        Assert.Equal(writer.Symbols.Count, all.GetProperty("symbols").GetArrayLength());
        Check("symbols", 0, "symbols", _folder.File("vmlinux"), "--at", "0xffffffff81000410");
        Check("symbols", 0, "symbols", _folder.File("vmlinux"), "--demangle");
    }

    [Fact]
    [Needs(Need.Kernels)]
    public void Exports()
    {
        JsonElement all = Check("exports", 0, "symbols", "--exports", DebianKernels.Cloud61);
        Assert.NotEqual(0, all.GetProperty("exports").GetArrayLength());
    }

    [Fact]
    [Needs(Need.Kernels)]
    public void Types()
    {
        JsonElement list = Check("types", 0, "layout", "--from", DebianKernels.Cloud61);
        Assert.NotEqual(0, list.GetProperty("types").GetArrayLength());
        foreach (string name in (string[])["task_struct", "sk_buff", "pid_type", "page"])
            Check("types", 0, "layout", "--from", DebianKernels.Cloud61, name);
    }

    [Fact]
    public void Layout()
    {
        Check("layout", 0, "layout");
        string[] names =
        [
            "setup_header", "start_info", "elf_ehdr", "load_flags", "kexec_limits", "data_directory", "xen_elfnote", "xc_record", "xc_record_body",
        ];
        foreach (string name in names)
            Check("layout", 0, "layout", name);
    }

    [Fact]
    public void Dump()
    {
        File.WriteAllBytes(_folder.File("image"), HeaderOnlyImage.Create());
        Check("dump", 0, "dump", _folder.File("image"));
        Check("dump", 0, "dump", _folder.File("image"), "--struct", "boot_e820_entry");
        Check("dump", 0, "dump", _folder.File("image"), "--struct", "start_info", "--bits", "32", "--at", "0x10");
    }

    [Fact]
    public void Saved_domain()
    {
        string domain = _folder.File("web.save");
        _ = CliRun.Start("build", "--sample", "--boot", "xen-pv", "--memory", "32M", "--format", "xl", "-o", domain).Succeeded();
        Check("inspect-saved", 0, "inspect", domain);
        Check("dump", 0, "dump", domain);
        Check("verify", 0, "verify", domain);
    }

    [Fact]
    public void Verify()
    {
        string domain = _folder.File("domain");
        _ = CliRun.Start("build", "--sample", "--boot", "xen-pv", "--memory", "32M", "-o", domain).Succeeded();
        Check("verify", 0, "verify", domain, "--memory", "32M");
        JsonElement broken = Check("verify", 1, "verify", domain, "--memory", "32M", "--first-mfn", "0x999");
        Assert.NotEqual(0, broken.GetProperty("violations").GetArrayLength());
    }

    [Fact]
    [Needs(Need.Kernels)]
    public void VerifyImage()
    {
        JsonElement signed = Check("verify-image", 0, "verify", DebianKernels.Find("bookworm-signed-amd64", "vmlinuz"));
        Assert.Equal("signed", signed.GetProperty("verdict").GetString());
        Check("verify-image", 1, "verify", DebianKernels.Find("shim", "shimx64.efi"), "--bank", "sha1", "--bank", "sha512");
        byte[] kernel = File.ReadAllBytes(DebianKernels.Cloud61);
        byte[] unified = PeFile.Add(
            PeFile.Stub(), (".linux", kernel), (".sbat", "sbat,1\nlinux,1,a,b,c,d\n"u8.ToArray()), (".profile", []), (".profile", []), (".linux", kernel));
        File.WriteAllBytes(_folder.File("unified"), unified);
        JsonElement parts = Check("verify-image", 1, "verify", _folder.File("unified"));
        Assert.Equal(
            parts.GetProperty("kernel_digests").GetRawText().Replace(" ", "", StringComparison.Ordinal),
            parts.GetProperty("pcr11")[1].GetProperty("kernel_digests").GetRawText().Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(4, parts.GetProperty("pcr11")[0].GetProperty("phases").GetArrayLength());
        Assert.Equal(2, parts.GetProperty("sbat").GetArrayLength());
    }

    [Fact]
    public void ImageChecks()
    {
        File.WriteAllBytes(_folder.File("image"), CheckCases.Image);
        JsonElement broken = Check("check", 1, "check", _folder.File("image"), "--cmdline", "quiet", "--for", "xen-pv");
        Assert.Equal("xen-pv", broken.GetProperty("stopper").GetString());
        Check("check", 0, "check", _folder.File("image"));
    }

    [Fact]
    public void Xen()
    {
        using var list = new StringWriter();
        DomainListJson.Write(DomainListTests.Example, list);
        Check("xen-list", list.ToString());

        using var output = new StringWriter();
        using var console = new ToolConsole(output, TextWriter.Null);
        ImmutableArray<Violation> violations = [new Violation(XenPvRule.All[0], "something else")];
        Assert.Equal(1, XenCommand.WriteInspection(7, 51200, true, violations, console));
        Check("xen-inspect", output.ToString());
    }

    [Fact]
    public void Kexec()
    {
        using var machine = new PretendedHost();
        using var run = new KexecLoadingRun(machine.WithCrashRegion());
        Check("kexec-load", run.Start(new KexecRequest { Domain = KexecLoadingRun.Sample, IsDry = true, IsJson = true }));
        Check("kexec-load", run.Start(new KexecRequest { Domain = KexecLoadingRun.Sample, IsDry = true, IsJson = true, Purpose = KexecPurpose.Panic }));
        using var status = new StringWriter();
        KexecStatus.Read(machine.Write("proc/sys/kernel/kexec_load_disabled", "1").Host).Write(status);
        Check("kexec-status", status.ToString());
    }

    /// <summary>The check itself: a schema that takes anything would prove nothing.</summary>
    [Fact]
    [Needs(Need.Kernels)]
    public void Schemas_refuse_what_the_commands_do_not_write()
    {
        string inspect = CliRun.Start("inspect", DebianKernels.Grub32, "--json").Succeeded();
        Assert.False(IsValid("inspect", inspect.Replace("\"class\": 32", "\"class\": \"32\"", StringComparison.Ordinal)));
        Assert.False(IsValid("inspect", inspect.Replace("\"entry\": \"0x", "\"entry\": \"", StringComparison.Ordinal)));
        Assert.False(IsValid("inspect", inspect.Replace("\"kind\": ", "\"sort\": ", StringComparison.Ordinal)));
        Assert.All(_schemas.Keys, static name => Assert.False(IsValid(name, "{ \"anything\": 1 }")));
    }

    private static JsonElement Check(string schema, int exitCode, params string[] arguments)
    {
        CliRun run = CliRun.Start([.. arguments, "--json"]);
        Assert.Equal("", run.Errors);
        Assert.Equal(exitCode, run.ExitCode);
        return Check(schema, run.Output);
    }

    private static JsonElement Check(string schema, string text)
    {
        using var json = JsonDocument.Parse(text);
        EvaluationResults results = _schemas[schema].Evaluate(json.RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List });
        string faults = string.Join('\n', (results.Details ?? []).Where(static detail => detail.Errors is not null)
            .Select(static detail => $"{detail.InstanceLocation}: {string.Join("; ", detail.Errors!.Select(static error => $"{error.Key}: {error.Value}"))}"));
        Assert.True(results.IsValid, faults);
        return json.RootElement.Clone();
    }

    private static bool IsValid(string schema, string text)
    {
        using var json = JsonDocument.Parse(text);
        return _schemas[schema].Evaluate(json.RootElement).IsValid;
    }

    private static string PathOf(string name) => name == "xen"
        ? DebianKernels.Xen
        : name.StartsWith("grub", StringComparison.Ordinal) ? DebianKernels.Find("grub-xen", name) : DebianKernels.Find(name, "vmlinuz");
}
