using System.Text.Json;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Runtime.Tests.Symbols;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

public sealed class SymbolsCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly KallsymsWriter _writer = new()
    {
        Layout = KallsymsLayout.Places,
        Symbols = KallsymsWriter.MakeSymbols(2000, 0xffffffff_81000000),
    };

    public SymbolsCommandTests() => File.WriteAllBytes(Image, _writer.Build());

    private string Image => _folder.File("vmlinux");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_map_is_that_of_the_running_kernel()
    {
        string expected = string.Concat(_writer.Lines().Select(line => line + "\n"));
        Assert.Equal(expected, CliRun.Start("symbols", Image).Succeeded());
        Assert.Equal(expected, CliRun.Start("symbols", Image, "--format", "map").Succeeded());
    }

    [Fact]
    public void Names_are_matched_by_regular_expressions()
    {
        string text = CliRun.Start("symbols", Image, "--grep", "^linux_(banner|proc)$").Succeeded();
        Assert.Equal(_writer.Lines().Where(line => line.EndsWith(" linux_banner", StringComparison.Ordinal)), text.TrimEnd('\n').Split('\n'));
        Assert.Equal("", CliRun.Start("symbols", Image, "--grep", "no such name").Succeeded());
    }

    [Fact]
    public void Names_of_rust_are_shown_as_people_write_them()
    {
        var writer = new KallsymsWriter
        {
            Layout = KallsymsLayout.Places,
            Symbols = [.. KallsymsWriter.MakeSymbols(600, 0xffffffff_81000000), (0xffffffff_81020000, "T_RNvNtC4core3num5parse")],
        };
        File.WriteAllBytes(Image, writer.Build());
        string shown = CliRun.Start("symbols", Image, "--demangle").Succeeded();
        Assert.Equal([.. writer.Lines()[..^1], "ffffffff81020000 T core::num::parse"], shown.TrimEnd('\n').Split('\n'));
        Assert.EndsWith(" core::num::parse\n", CliRun.Start("symbols", Image, "--demangle", "--grep", "^core::num").Succeeded(), StringComparison.Ordinal);
        Assert.Equal("core::num::parse+0x4/0x0\n", CliRun.Start("symbols", Image, "--demangle", "--at", "0xffffffff81020004").Succeeded());
        Assert.Contains("\"demangled\": \"core::num::parse\"", CliRun.Start("symbols", Image, "--demangle", "--json").Succeeded(), StringComparison.Ordinal);
        Assert.Contains("exclude each other", CliRun.Start("symbols", Image, "--demangle", "--exports").Failed(2), StringComparison.Ordinal);
    }

    /// <summary>A name that holds a command for the terminal (U+009B begins one) is shown, and no command.</summary>
    [Theory]
    [InlineData("--format", "map")]
    [InlineData("--demangle")]
    [InlineData("--at", "0xffffffff81020000")]
    public void Names_that_do_not_print_are_spelt_out(params string[] options)
    {
        var writer = new KallsymsWriter
        {
            Layout = KallsymsLayout.Places,
            Symbols = [.. KallsymsWriter.MakeSymbols(600, 0xffffffff_81000000), (0xffffffff_81020000, "TzYZb")],
        };

        // Two letters stand for other bytes in the table of what names are put together from.
        byte[] image = writer.Build();
        int letters = image.AsSpan().IndexOf("X\0Y\0Z\0"u8);
        (image[letters + 2], image[letters + 4]) = (0xc2, 0x9b);
        File.WriteAllBytes(Image, image);
        string shown = CliRun.Start(["symbols", Image, .. options]).Succeeded();
        Assert.Contains(@"z\u009bb", shown.TrimEnd('\n').Split('\n')[^1], StringComparison.Ordinal);
        Assert.DoesNotContain('\u009b', shown);
    }

    [Fact]
    public void An_address_has_its_symbol()
    {
        Assert.Matches(@"^linux_banner\+0x0/0x[0-9a-f]+\n$", CliRun.Start("symbols", Image, "--at", "0xffffffff81000400").Succeeded());
        Assert.Contains("no symbol has the address 0x1000", CliRun.Start("symbols", Image, "--at", "0x1000").Failed(1), StringComparison.Ordinal);
    }

    [Fact]
    public void Json_has_what_the_map_has()
    {
        string text = CliRun.Start("symbols", Image, "--format", "json").Succeeded();
        Assert.Equal(text, CliRun.Start("symbols", Image, "--json").Succeeded());
        using var json = JsonDocument.Parse(text);
        Assert.Equal("place-relative", json.RootElement.GetProperty("form").GetString());
        IEnumerable<string> lines = json.RootElement.GetProperty("symbols").EnumerateArray().Select(symbol =>
            $"{symbol.GetProperty("address").GetString()![2..]} {symbol.GetProperty("kind").GetString()} {symbol.GetProperty("name").GetString()}");
        Assert.Equal(_writer.Lines(), lines);
    }

    [Fact]
    public void What_has_no_symbols_is_one_line() => Assert.Equal(
        "error: (built-in sample): it has no symbols: built without KALLSYMS\n", CliRun.Start("symbols", "--sample").Failed(1));

    [Fact]
    public void A_broken_table_is_one_line()
    {
        byte[] file = _writer.Build();
        file[_writer.Parts["order"]] ^= 0x40;
        File.WriteAllBytes(Image, file);
        Assert.Contains("kallsyms.kallsyms_seqs_of_names", CliRun.Start("symbols", Image).Failed(1), StringComparison.Ordinal);
    }

    [Fact]
    [Needs(Need.Kernels)]
    public void The_process_holds_the_kernel_and_little_more()
    {
        string image = DebianKernels.Find("sid-amd64", "vmlinuz");
        MeasuredRun run = MeasuredRun.Start("symbols", image, "--grep", "^linux_banner$");
        Assert.Contains(" D linux_banner", run.Run.Succeeded(), StringComparison.Ordinal);

        // The bound of a native process is 40 MiB above the kernel; this one has a compiler in it.
        using var opened = BootImage.Open(image);
        using Kernel kernel = opened.Decompress();
        Assert.InRange(run.PeakMemory, 0, kernel.Length + (100L << 20));
    }
}
