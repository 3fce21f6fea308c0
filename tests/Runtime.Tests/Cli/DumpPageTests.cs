using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary>The page of a dumped kernel in a browser: a click on a field marks its bytes, and one on a byte its field.</summary>
[Needs(Need.Kernels)]
public sealed class DumpPageTests
{
    [Fact]
    public async Task Click_marks_a_field_and_its_bytes()
    {
        using var folder = new TemporaryFolder();
        string page = folder.File("page.html");
        string kernel = DebianKernels.Find("6.12-amd64", "vmlinuz");
        Assert.Equal("", CliRun.Start("dump", kernel, "--html", page).Succeeded());

        await using Browser browser = await Browser.Open(page);
        await browser.Click(Row("version"));
        Assert.Equal("0f 02", await Marked(browser));
        Assert.Equal("version", await browser.Evaluate("document.querySelector('tr.on td:nth-child(2)').textContent"));
        Assert.Equal("1", await browser.Evaluate("document.querySelectorAll('tr.on').length"));

        // The first byte of another field marks that one instead.
        string first = $"document.querySelector(`b[data-f=\"${{{Row("header")}.dataset.f}}\"]`)";
        await browser.Click(first);
        Assert.Equal("48 64 72 53", await Marked(browser));
        Assert.Equal("header", await browser.Evaluate("document.querySelector('tr.on td:nth-child(2)').textContent"));

        await browser.Click("document.querySelector('h1')");
        Assert.Equal("", await Marked(browser));
    }

    private static string Row(string field) =>
        $"[...document.querySelectorAll('tr[data-f]')].find(row => row.children[1].textContent === '{field}')";

    private static Task<string> Marked(Browser browser) => browser.Evaluate("[...document.querySelectorAll('b.on')].map(byte => byte.textContent).join(' ')");
}
