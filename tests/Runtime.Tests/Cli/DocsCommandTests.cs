using System.Xml.Linq;
using BootProtocol.Specs;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary>The reference that is made of specs.</summary>
public sealed class DocsCommandTests : IDisposable
{
    private const string Renew = "dotnet run --project runtime/BootProtocol.Cli -c Release -- docs -o docs/reference";

    private static readonly string _reference = Repository.File("docs", "reference");

    private readonly TemporaryFolder _folder = new();

    public static IEnumerable<string> Pages => Directory.GetFiles(_reference, "*.md", SearchOption.AllDirectories);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Reference_in_the_repository_is_that_of_the_specs()
    {
        string made = _folder.File("reference");
        CliRun.Start("docs", "-o", made).Succeeded();
        string[] expected = Files(made);
        string[] kept = Files(_reference);
        string? different = expected.Union(kept).Order(StringComparer.Ordinal).FirstOrDefault(file =>
            !expected.Contains(file) || !kept.Contains(file)
            || !File.ReadAllBytes(Path.Combine(made, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(_reference, file))));
        Assert.True(different is null, $"docs/reference/{different} is not what the specs give; renew the reference: {Renew}");
    }

    [Fact]
    public void Every_structure_has_its_page_with_its_words()
    {
        foreach (SpecStructure structure in SpecCatalog.Structures)
        {
            var page = MarkdownPage.Read(Path.Combine(_reference, structure.Protocol, $"{structure.Name}.md"));
            Assert.Contains(structure.Doc.Replace('\n', ' '), page.Texts);
            string[][] rows = [.. page.Rows];
            SpecVariant wide = structure.Variants[^1];
            foreach (SpecField field in wide.Fields.Concat(wide.Tail.Select(static row => row.Field)).Where(static field => field.Name.Length > 0))
            {
                string[] words = [field.Type, field.Name, field.Doc.Replace('\n', ' '), field.Gate?.Text ?? "", field.Access];
                string place = wide.Fields.Contains(field) ? $"0x{field.Offset:x}" : "";
                Assert.Contains(rows, row => words.Append(place).All(word => word.Length == 0 || row.Contains(word)));
            }
        }
    }

    [Fact]
    public void Every_link_leads_to_a_file()
    {
        string[] missing =
        [
            .. Pages.SelectMany(page => MarkdownPage.Read(page).Targets.Where(static target => !File.Exists(target)).Select(target => $"{page}: {target}")),
        ];
        Assert.Empty(missing);
    }

    [Fact]
    public void What_is_used_names_its_users()
    {
        Assert.Contains("boot_params: hdr", Texts("linux_x86", "setup_header"));
        Assert.Contains("boot_params: e820_table", Texts("linux_x86", "boot_e820_entry"));
        Assert.Contains("start_info: shared_info", Texts("xen", "shared_info"));
        Assert.Contains("xc_record: body", Texts("xen_stream", "xc_record_body"));
        Assert.Contains("xc_record_body: vcpu_basic, vcpu_extended, vcpu_xsave, vcpu_msrs", Texts("xen_stream", "xc_vcpu"));
        Assert.Contains("xc_page_info: TYPE", Texts("xen_stream", "xc_page_type"));
    }

    /// <summary>Nothing but shapes and texts, and every name of a field; what is too long for its box ends with three points.</summary>
    [Fact]
    public void Every_drawing_is_a_file_of_its_own_with_all_fields()
    {
        foreach (SpecStructure structure in SpecCatalog.Structures)
        {
            var drawing = XDocument.Load(Path.Combine(_reference, structure.Protocol, $"{structure.Name}.svg"));
            IEnumerable<string> elements = drawing.Descendants().Select(static element => element.Name.LocalName);
            Assert.Equal(["g", "path", "rect", "svg", "text", "title"], elements.Distinct().Order());
            Assert.DoesNotContain(drawing.Descendants().Attributes(), static attribute => attribute.Value.Contains("url(", StringComparison.Ordinal));
            string texts = string.Concat(drawing.Descendants().Where(static element => element.Name.LocalName == "text").Select(static text => text.Value));
            SpecField[] fields = [.. structure.Variants.SelectMany(static variant => variant.Fields.Concat(variant.Tail.Select(static row => row.Field)))];
            foreach (string name in fields.Select(static field => field.Name))
                Assert.True(texts.Contains(name, StringComparison.Ordinal) || texts.Contains(Cut(name), StringComparison.Ordinal), $"{structure.Name}.{name}");

            // An outline for each field at least.
            Assert.True(drawing.Descendants().Attributes("d").Sum(static path => path.Value.Count('Z')) >= fields.Length, structure.Name);
        }
    }

    /// <summary>In a browser with the fonts of this machine.</summary>
    [Fact]
    [Needs(Need.Tools)]
    public async Task Texts_of_drawings_keep_apart_and_inside()
    {
        string[] drawings = [.. Directory.GetFiles(_reference, "*.svg", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        _folder.Write("all.html", $"<!DOCTYPE html>{string.Concat(drawings.Select(static file => $"<div>{File.ReadAllText(file)}</div>"))}");
        await using Browser browser = await Browser.Open(_folder.File("all.html"));
        Assert.Equal($"{drawings.Length}", await browser.Evaluate("document.querySelectorAll('svg').length"));
        const string Faults =
            """
            [...document.querySelectorAll('svg')].flatMap(svg => {
              const ground = svg.getBoundingClientRect();
              const texts = [...svg.querySelectorAll('text')].map(text => ({ box: text.getBoundingClientRect(), text: text.textContent }));
              const title = svg.querySelector('title').textContent;
              return texts.flatMap(({ box, text }, i) => {
                const inside = box.left >= ground.left && box.right <= ground.right && box.top >= ground.top && box.bottom <= ground.bottom;
                const other = texts.slice(i + 1).find(({ box: next }) =>
                  box.left < next.right && next.left < box.right && box.top + 2 < next.bottom - 2 && next.top + 2 < box.bottom - 2);
                return inside && !other ? [] : [`${title}: ${text}${other ? ` over ${other.text}` : ''}`];
              });
            }).join('\n')
            """;
        Assert.Equal("", await browser.Evaluate(Faults));
    }

    [Fact]
    public void Text_that_means_something_to_Markdown_stays_text()
    {
        string[] docs =
        [
            "a *b* **c** _d_ `e` ~~f~~ $g$ [h](i) <j> &amp; k\\l | m", "- a list", "1. a list", "# a heading", "+ more", "12) more", "=", ": a", "> a quote",
            "![a](b)", "[^1]: a", "http_proxy",
        ];
        string rows = string.Concat(docs.Select(static (doc, i) => $"  {i} u8 field{i} | {doc}\n"));
        string odd = $"struct odd | {docs[0]}\n{rows}";
        string readme = $"struct readme | {docs[1]}\n  0 odd[2] a | A.\n  . boot_e820_entry b | B.\n";
        _folder.Write("own.bootspec", $"protocol own little | Own.\n{odd}{readme}");
        Assert.Equal($"{_folder.File("out")}: 6 files\n", CliRun.Start("docs", "-o", _folder.File("out"), "--spec", _folder.File("own.bootspec")).Succeeded());
        var page = MarkdownPage.Read(_folder.File("out", "own", "odd.md"));
        Assert.Contains(docs[0], page.Texts);
        for (int i = 0; i < docs.Length; i++)
            Assert.Contains(page.Rows, row => row.Contains($"field{i}") && row[^1] == docs[i]);

        // Where a name is that of the protocol's own page, another file has it; types that are not written have no link.
        var other = MarkdownPage.Read(_folder.File("out", "own", "readme-2.md"));
        Assert.Contains(docs[1], other.Texts);
        Assert.Equal(["README.md", "readme-2.svg", "odd.md"], other.Targets.Select(Path.GetFileName));
        Assert.Contains(MarkdownPage.Read(_folder.File("out", "own", "README.md")).Rows, row => row[0] == "readme" && row[2] == docs[1]);
    }

    [Fact]
    public void Later_run_replaces_its_own_files_alone()
    {
        string made = _folder.File("out");
        _folder.Write("a.bootspec", "protocol a little | A.\nstruct thing | A thing.\n  0 u8 a | A.\nstruct gone | Another.\n  0 u8 a | A.\n");
        _folder.Write("b.bootspec", "protocol b little | B.\nstruct thing | Another thing.\n  0 u8 a | A.\n");
        Directory.CreateDirectory(made);
        CliRun.Start("docs", "-o", made, "--spec", _folder.File("a.bootspec")).Succeeded();
        Assert.Equal(["README.md", "a/README.md", "a/gone.md", "a/gone.svg", "a/thing.md", "a/thing.svg"], Files(made));
        CliRun.Start("docs", "-o", $"{made}/", "--spec", _folder.File("b.bootspec")).Succeeded();
        Assert.Equal(["README.md", "b/README.md", "b/thing.md", "b/thing.svg"], Files(made));
        Assert.Equal(["b"], Directory.GetDirectories(made).Select(Path.GetFileName));

        foreach (string own in new[] { "notes.txt", "b/deeper/thing.md" })
        {
            _folder.Write($"out/{own}", "Not written by the tool.");
            string before = File.ReadAllText(Path.Combine(made, "README.md"));
            string error = CliRun.Start("docs", "-o", made, "--spec", _folder.File("a.bootspec")).Failed(1);
            string found = own.Contains("deeper", StringComparison.Ordinal) ? "b/deeper" : own;
            Assert.Equal($"error: {made}: holds {found}, which 'bootproto docs' has not written; name another directory\n", error);
            Assert.Equal(before, File.ReadAllText(Path.Combine(made, "README.md")));
            Assert.Equal("Not written by the tool.", File.ReadAllText(Path.Combine(made, own)));
            File.Delete(Path.Combine(made, own));
        }

        Directory.Delete(Path.Combine(made, "b", "deeper"));
        File.CreateSymbolicLink(Path.Combine(made, "link.md"), Path.Combine(made, "README.md"));
        Assert.Contains("holds link.md", CliRun.Start("docs", "-o", made).Failed(1), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_a_directory_is_refused()
    {
        _folder.Write("file", "A file.");
        Assert.Contains("file: is a file, expected a directory", CliRun.Start("docs", "-o", _folder.File("file")).Failed(1), StringComparison.Ordinal);
        Assert.Contains("there is no such folder", CliRun.Start("docs", "-o", _folder.File("no", "folder")).Failed(1), StringComparison.Ordinal);
        Assert.Contains("a directory to write needs a name", CliRun.Start("docs", "-o", "").Failed(2), StringComparison.Ordinal);
        Assert.Contains("'--output' is required", CliRun.Start("docs").Failed(2), StringComparison.Ordinal);
        Assert.Equal(["file"], Files(_folder.Path));
    }

    private static IEnumerable<string> Texts(string protocol, string name) =>
        MarkdownPage.Read(Path.Combine(_reference, protocol, $"{name}.md")).Texts;

    private static string[] Files(string directory) =>
    [
        .. Directory.GetFiles(directory, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(directory, file))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The start of a name that a box of one byte has room for, in two lines.</summary>
    private static string Cut(string name) => name.Length > 12 ? name[..12] : name;
}
