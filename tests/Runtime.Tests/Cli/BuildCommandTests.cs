using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using BootProtocol.Runtime.Tests.Output;
using BootProtocol.Runtime.Tests.XenPv;
using BootProtocol.Stubs;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

public sealed class BuildCommandTests
{
    [Theory]
    [InlineData("linux64", "64", "linux64", "boot_params")]
    [InlineData("linux32", "32", "linux32", "boot_params")]
    [InlineData("pvh", "64", "pvh", "hvm_start_info")]
    [InlineData("xen-pv", "32", "xen-pv", "start_info")]
    public void The_sample_guest_is_shown(string way, string bits, string summary, string region)
    {
        string text = CliRun.Start("build", "--sample", "--boot", way, "--bits", bits).Succeeded();
        Assert.StartsWith("(built-in sample)\n", text, StringComparison.Ordinal);
        Assert.Contains($"boot    {summary}: {bits}-bit kernel at 0x200000", text, StringComparison.Ordinal);
        Assert.Contains("memory  256 MiB, ", text, StringComparison.Ordinal);
        Assert.Contains($"\n  {region} ", text, StringComparison.Ordinal);
        Assert.Contains("\n  free ", text, StringComparison.Ordinal);
        Assert.Contains("\nprocessor\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain(" \n", text, StringComparison.Ordinal);
        Assert.Contains("reason", CliRun.OnTerminal(true, "build", "--sample", "--boot", way).Succeeded(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linux64")]
    [InlineData("linux32")]
    [InlineData("pvh")]
    [InlineData("xen-pv")]
    public void Json_has_addresses_as_text_and_sizes_as_numbers(string way)
    {
        using var json = JsonDocument.Parse(CliRun.Start("build", "--sample", "--boot", way, "--memory", "64", "--cmdline", "a b", "--json").Succeeded());
        JsonElement root = json.RootElement;
        string[] before = ["file", "output", "command_line", "boot", "ram", "kernel", "cpu"];
        string[] details = way == "xen-pv" ? ["xen_pv"] : [];
        string[] frames = way == "xen-pv" ? ["frames"] : [];
        Assert.Equal([.. before, .. details, "regions", "free", "e820", .. frames], root.EnumerateObject().Select(property => property.Name));
        Assert.Equal(way, root.GetProperty("boot").GetString());
        Assert.Equal("a b", root.GetProperty("command_line").GetString());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("output").ValueKind);
        Assert.All(root.GetProperty("cpu").EnumerateObject().Where(fact => fact.Name != "mode"), fact => Address(fact.Value));
        ulong end = 0;
        foreach (JsonElement region in root.GetProperty("regions").EnumerateArray())
        {
            Assert.Equal(["name", "start", "end", "size", "virtual", "reason"], region.EnumerateObject().Select(property => property.Name));
            ulong start = Address(region.GetProperty("start"));
            Assert.True(start >= end);
            end = Address(region.GetProperty("end"));
            Assert.Equal(end - start, region.GetProperty("size").GetUInt64());
            Assert.NotEqual("", region.GetProperty("reason").GetString());
        }

        ulong free = root.GetProperty("free").EnumerateArray().Aggregate(0UL, (sum, gap) => sum + gap.GetProperty("size").GetUInt64());
        ulong used = root.GetProperty("regions").EnumerateArray().Aggregate(0UL, (sum, gap) => sum + gap.GetProperty("size").GetUInt64());
        Assert.Equal(root.GetProperty("ram").GetUInt64(), free + used);
    }

    [Fact]
    public void Every_frame_of_a_pv_guest_is_named()
    {
        using var json = JsonDocument.Parse(
            CliRun.Start("build", "--sample", "--boot", "xen-pv", "--memory", "48M", "--first-mfn", "0x5000", "--json").Succeeded());
        JsonElement[] runs = [.. json.RootElement.GetProperty("frames").EnumerateArray()];
        ulong next = 0;
        foreach (JsonElement run in runs[..^1])
        {
            Assert.Equal(next, Address(run.GetProperty("pfn")));
            Assert.Equal(next + 0x5000, Address(run.GetProperty("mfn")));
            next += run.GetProperty("count").GetUInt64();
        }

        Assert.Equal(48UL << 8, next);
        Assert.Equal("shared_info", runs[^1].GetProperty("name").GetString());
        Assert.Equal(next + 0x5000, Address(runs[^1].GetProperty("mfn")));
        Assert.Contains("kernel", runs.Select(run => run.GetProperty("name").GetString()));
        Assert.Contains("free", runs.Select(run => run.GetProperty("name").GetString()));
    }

    [Fact]
    public void Files_are_written()
    {
        using var folder = new TemporaryFolder();
        string elf = folder.File("guest.elf");
        string drawing = folder.File("map.svg");
        string text = CliRun.Start("build", "--sample", "-o", elf, "--map", drawing).Succeeded();
        Assert.Contains($"output  {elf}", text, StringComparison.Ordinal);
        Assert.Equal("\x7f" + "ELF", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(elf)[..4]));
        Assert.Equal("svg", XDocument.Load(drawing).Root!.Name.LocalName);

        _ = CliRun.Start("build", "--sample", "--map", folder.File("map.txt")).Succeeded();
        Assert.Contains("boot_params", File.ReadAllText(folder.File("map.txt")), StringComparison.Ordinal);
        _ = CliRun.Start("build", "--sample", "--map", folder.File("map.json")).Succeeded();
        using var json = JsonDocument.Parse(File.ReadAllText(folder.File("map.json")));
        Assert.Equal("linux64", json.RootElement.GetProperty("boot").GetString());

        _ = CliRun.Start("build", "--sample", "--boot", "xen-pv", "-o", folder.File("raw")).Succeeded();
        Assert.True(File.Exists(folder.File("raw.vcpu")));
        Assert.True(File.Exists(folder.File("raw.json")));
        _ = CliRun.Start("build", "--sample", "--boot", "xen-pv", "--format", "elf", "-o", folder.File("pv.elf")).Succeeded();
        _ = CliRun.Start("build", "--sample", "--boot", "pvh", "--format", "raw", "-o", folder.File("pvh")).Succeeded();
        Assert.False(File.Exists(folder.File("pvh.vcpu")));
    }

    /// <summary>A domain for 'xl restore': named as its file, with the initial ramdisk where the guest sees it.</summary>
    [Theory]
    [InlineData("64", "3")]
    [InlineData("64", "2")]
    [InlineData("32", "3")]
    [InlineData("32", "2")]
    public void Saved_domain_is_written(string bits, string version)
    {
        using var folder = new TemporaryFolder();
        folder.Write("initrd", "an initial ramdisk");
        string[] common = ["build", "--sample", "--bits", bits, "--boot", "xen-pv", "--memory", "16M", "--initrd", folder.File("initrd"), "--format", "xl"];
        string text = CliRun.Start([.. common, "--stream", version, "-o", folder.File("web.save")]).Succeeded();
        Assert.Contains("its boot module", text, StringComparison.Ordinal);
        var saved = SavedDomain.Read(File.ReadAllBytes(folder.File("web.save")));
        Assert.Equal("web", saved.Configuration.RootElement.GetProperty("c_info").GetProperty("name").GetString());
        Assert.Equal((uint.Parse(version, CultureInfo.InvariantCulture), bits == "64" ? 8 : 4), (saved.Version, saved.Info.Width));
        Assert.Equal(16u << 8, saved.P2M.Last + 1);
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);
        _ = CliRun.Start([.. common, "-o", folder.File("web.save")]).Succeeded();
        Assert.Equal(3u, SavedDomain.Read(File.ReadAllBytes(folder.File("web.save"))).Version);
    }

    /// <summary>A restore does not fill the page of hypercalls: it is in the file.</summary>
    [Fact]
    public void Kernel_that_asks_for_hypercalls_gets_their_page()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("kernel"), new PvKernel { VirtualBase = 0x40000000, HypercallPage = 0x40001000 }.Build());
        _ = CliRun.Start("build", folder.File("kernel"), "--boot", "xen-pv", "--format", "xl", "-o", folder.File("out")).Succeeded();
        Assert.Equal(HypercallPage.Create(WordSize.Bits64), SavedDomain.Read(File.ReadAllBytes(folder.File("out"))).Pages[1].Contents);
    }

    [Theory]
    [InlineData("--memory: expected a size", "--memory", "lots")]
    [InlineData("--memory: expected a size", "--memory", "1.5G")]
    [InlineData("--kaslr: expected an address", "--kaslr", "high")]
    [InlineData("--kaslr: expected an address", "--kaslr", "16")]
    [InlineData("--seed is for '--kaslr random'", "--seed", "1")]
    [InlineData("--e820: expected START-END", "--e820", "0x2000-0x1000")]
    [InlineData("--e820: expected START-END", "--e820", "0-0x1000=no-such-type")]
    [InlineData("--setup-data: expected TYPE=FILE", "--setup-data", "rng-seed")]
    [InlineData("--setup-data: expected TYPE=FILE", "--setup-data", "no-such-type=file")]
    [InlineData("--loader-type: expected at most 0x10ff", "--loader-type", "0x1100")]
    [InlineData("--format is for a file", "--format", "elf")]
    [InlineData("--format xl is for --boot xen-pv, and this is linux64", "--format", "xl", "-o", "/tmp/no-such-file.save")]
    [InlineData("--format xl is for --boot xen-pv, and this is pvh", "--format", "xl", "-o", "/tmp/no-such-file.save", "--boot", "pvh")]
    [InlineData("--stream is for --format xl", "--boot", "xen-pv", "--stream", "2")]
    [InlineData("--stream is for --format xl", "--boot", "xen-pv", "--stream", "2", "--format", "raw", "-o", "/tmp/no-such-file")]
    [InlineData("see 'bootproto build --help'", "--boot", "xen-pv", "--format", "xl", "--stream", "1", "-o", "/tmp/no-such-file.save")]
    [InlineData("--first-mfn is for --boot xen-pv", "--first-mfn", "4096")]
    [InlineData("--with-boot-params is for --boot xen-pv", "--with-boot-params")]
    [InlineData("--loader-type is for --boot linux64 and linux32", "--boot", "pvh", "--loader-type", "1")]
    [InlineData("--five-levels is for --boot linux64", "--boot", "linux32", "--five-levels")]
    [InlineData("--e820 is for", "--boot", "xen-pv", "--e820", "0-0x1000000")]
    [InlineData("--bits is for the built-in sample guest", "image", "--bits", "32")]
    [InlineData("only one file can be standard output (-), and -o and --map are two", "-o", "-", "--map", "/dev/stdout")]
    [InlineData("see 'bootproto build --help'", "--boot", "linux16")]
    public void Wrong_options_are_one_line(string expected, params string[] arguments) =>
        Assert.Contains(
            expected, CliRun.Start(["build", .. arguments is ["image", ..] ? arguments : ["--sample", .. arguments]]).Failed(2), StringComparison.Ordinal);

    [Theory]
    [InlineData("no such file", "/nowhere/vmlinuz")]
    [InlineData("/nowhere/initrd: no such file", "--initrd", "/nowhere/initrd")]
    [InlineData("/nowhere/data: no such file", "--setup-data", "dtb=/nowhere/data")]
    [InlineData("/nowhere/map: no such file", "--e820", "/nowhere/map")]
    [InlineData("/dev/zero: file: expected at most 67108864 bytes", "--e820", "/dev/zero")]
    [InlineData("it is a 32-bit kernel", "--boot", "linux64", "--bits", "32")]
    [InlineData("more than 1 MiB", "--memory", "1M")]
    [InlineData("one of 0x0 to 0x", "--kaslr", "0x123")]
    [InlineData("found ", "--kernel-at", "0x234567")]
    [InlineData("2047", "--cmdline")]
    [InlineData("memory.", "--memory", "2M")]
    public void Impossible_guests_are_one_line(string expected, params string[] arguments)
    {
        string[] all = arguments is ["--cmdline"] ? ["--cmdline", new string('x', 2048)] : arguments;
        Assert.Contains(expected, CliRun.Start(["build", .. all[0].StartsWith('-') ? ["--sample", .. all] : all]).Failed(1), StringComparison.Ordinal);
    }

    [Fact]
    public void Initrd_that_does_not_fit_is_one_line()
    {
        using var folder = new TemporaryFolder();
        using (FileStream file = File.Create(folder.File("initrd")))
            file.SetLength(64 << 20);
        string line = CliRun.Start("build", "--sample", "--memory", "48M", "--initrd", folder.File("initrd")).Failed(1);
        Assert.Contains("initrd", line, StringComparison.Ordinal);
        Assert.Contains("0x4000000 bytes", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Kernel_without_relocation_lists_stays_where_it_was_linked()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("kernel"), BootProtocol.Sample.SampleKernel.Link(WordSize.Bits64).Elf.Span);
        string line = CliRun.Start("build", folder.File("kernel"), "--boot", "pvh", "--kaslr", "0x200000").Failed(1);
        Assert.Contains("relocation", line, StringComparison.Ordinal);
    }

    /// <summary>A name that holds a command for the terminal is shown, and no command.</summary>
    [Fact]
    public void Names_of_files_are_spelt_out()
    {
        using var folder = new TemporaryFolder();
        const string Name = "a\u001b[31m", Spelt = @"a\u001b[31m";
        File.WriteAllBytes(folder.File(Name), BootProtocol.Sample.SampleGuest.Create(WordSize.Bits64));
        string file = folder.File(Name), written = folder.File($"{Name}.elf"), domain = folder.File($"{Name}.pv");
        string[][] runs =
        [
            ["build", file, "--initrd", file, "-o", written],
            ["extract", file, "-o", written],
            ["build", file, "--boot", "xen-pv", "--memory", "32M", "-o", domain],
            ["verify", domain],
        ];
        foreach (string[] run in runs)
        {
            string shown = CliRun.Start(run).Succeeded();
            Assert.Contains(Spelt, shown, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', shown);
        }
    }

    [Fact]
    public void Memory_map_can_come_from_a_file()
    {
        using var folder = new TemporaryFolder();
        folder.Write("map", "# low\n0-0xa0000\n\n1M-64M = ram # high\n0xfee00000-0xfee01000=reserved\n");
        using var json = JsonDocument.Parse(CliRun.Start("build", "--sample", "--e820", folder.File("map"), "--e820", "4G-5G", "--json").Succeeded());
        Assert.Equal(
            ["0x0 1", "0x100000 1", "0xfee00000 2", "0x100000000 1"],
            json.RootElement.GetProperty("e820").EnumerateArray()
                .Select(range => $"{range.GetProperty("start").GetString()} {range.GetProperty("type").GetUInt32()}"));
        folder.Write("empty", "# nothing\n\n");
        Assert.Contains(
            "empty: expected lines START-END or START-END=TYPE, found none",
            CliRun.Start("build", "--sample", "--e820", folder.File("empty")).Failed(1),
            StringComparison.Ordinal);
        folder.Write("bad", "0-0xa0000\nnonsense\n");
        Assert.Contains("line 2", CliRun.Start("build", "--sample", "--e820", folder.File("bad")).Failed(1), StringComparison.Ordinal);
    }

    [Fact]
    public void Help_says_what_sizes_mean()
    {
        string help = CliRun.Start("build", "--help").Succeeded();
        Assert.Contains("digits alone are MiB", help, StringComparison.Ordinal);
        Assert.Contains("33: all was reported", CliRun.Start("run", "--help").Succeeded().ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    private static ulong Address(JsonElement value)
    {
        string text = value.GetString()!;
        Assert.StartsWith("0x", text, StringComparison.Ordinal);
        return Convert.ToUInt64(text, 16);
    }
}
