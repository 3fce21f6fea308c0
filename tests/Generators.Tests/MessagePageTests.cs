using System.Reflection;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Testing;
using Microsoft.CodeAnalysis;

namespace BootProtocol.Generators.Tests;

/// <summary>
/// The pages in docs/messages: what a message means and how to mend it stands in the page, all else is that of the descriptor and of the bad spec. A
/// page that differs from it is written beside it as <c>ID.received.md</c>.
/// </summary>
public sealed class MessagePageTests
{
    private const string FirstHeading = "\n\n## Message\n";
    private const int ShortestText = 100;

    private static readonly SpecDescriptor[] _all =
    [
        .. typeof(SpecDescriptors).GetFields(BindingFlags.Public | BindingFlags.Static).Select(static field => (SpecDescriptor)field.GetValue(null)!),
    ];

    public static TheoryData<string> Ids => [.. _all.Select(static descriptor => descriptor.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Page_has_the_message_and_its_bad_spec(string id)
    {
        SpecDescriptor descriptor = _all.Single(other => other.Id == id);
        string title = $"# {id}: {descriptor.Title}\n\n";
        string? page = File.Exists(Place(id)) ? File.ReadAllText(Place(id)) : null;
        Assert.True(page is not null, $"There is no docs/messages/{id}.md: write its title, what the message means and how to mend it, and '## Message'.");
        int end = page.IndexOf(FirstHeading, StringComparison.Ordinal);
        int start = page.IndexOf("\n\n", StringComparison.Ordinal) + 2;
        Assert.True(end - start >= ShortestText, $"docs/messages/{id}.md does not say what the message means and how to mend it in front of '## Message'.");

        string severity = descriptor.IsAdvice ? "warning" : "error";
        string spec = File.ReadAllText(Repository.File("tests", "Generators.Tests", "BadSpecs", $"{id}.bootspec")).TrimEnd();
        string messages = File.ReadAllText(Repository.File("tests", "Generators.Tests", "BadSpecs", $"{id}.verified.txt")).TrimEnd();
        string example = $"\n## Example\n\n```\n{spec}\n```\n\n```\n{messages}\n```\n";
        Matches($"{title}{page[start..end]}{FirstHeading}\n```\n{severity} {id}: {descriptor.Format}\n```\n{example}", id);
    }

    [Fact]
    public void Index_lists_every_message()
    {
        IEnumerable<string> rows = _all.OrderBy(static descriptor => descriptor.Id, StringComparer.Ordinal)
            .Select(static descriptor => $"| [{descriptor.Id}]({descriptor.Id}.md) | {(descriptor.IsAdvice ? "warning" : "error")} | {descriptor.Title} |\n");
        Matches(
            "# Messages about spec files\n\nWhat each means, how to mend it, and an example. `BPS1xxx` are about syntax, `BPS2xxx` layout, `BPS3xxx` names,\n"
            + "`BPS4xxx` gates and access; `BPS5xxx` are advice. The language: [spec/README.md](../../spec/README.md).\n\n"
            + $"| message | is | about |\n| --- | --- | --- |\n{string.Concat(rows)}",
            "README");
    }

    [Fact]
    public void There_is_no_page_but_for_messages()
    {
        IEnumerable<string?> pages = Directory.GetFiles(Repository.File("docs", "messages"), "*.md").Select(Path.GetFileNameWithoutExtension)
            .Where(static page => !page!.EndsWith(".received", StringComparison.Ordinal));
        Assert.Equal(_all.Select(static descriptor => descriptor.Id).Append("README").Order(StringComparer.Ordinal), pages.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("https://forge.example/owner/name", "https://forge.example/owner/name/blob/HEAD/docs/messages/BPS1001.md")]
    [InlineData("https://forge.example/owner/name.git", "https://forge.example/owner/name/blob/HEAD/docs/messages/BPS1001.md")]
    [InlineData("https://forge.example/owner/name/", "https://forge.example/owner/name/blob/HEAD/docs/messages/BPS1001.md")]
    [InlineData("/srv/git/name.git", null)]
    [InlineData("file:///srv/git/name.git", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Link_leads_to_the_page_where_the_repository_is_known(string? repository, string? link) =>
        Assert.Equal(link, HelpLink.Of(repository, "BPS1001"));

    /// <summary>A clone of a repository of the web has links, any other has none: the build says which this is.</summary>
    [Fact]
    public void Diagnostics_have_the_link_of_this_build()
    {
        string? repository = typeof(BootSpecGenerator).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .SingleOrDefault(static data => data.Key == "RepositoryUrl")?.Value;
        foreach (SpecDescriptor message in _all)
        {
            DiagnosticDescriptor described = SpecDiagnostics.Describe(message);
            Assert.Equal(HelpLink.Of(repository, message.Id) ?? "", described.HelpLinkUri);
            Assert.Equal(described, SpecDiagnostics.Describe(message));
        }
    }

    private static string Place(string name) => Repository.File("docs", "messages", $"{name}.md");

    private static void Matches(string expected, string name)
    {
        string received = Place($"{name}.received");
        if (File.Exists(Place(name)) && File.ReadAllText(Place(name)) == expected)
        {
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, expected);
        Assert.Fail($"docs/messages/{name}.md is not what the message and its bad spec give; what they give is in {name}.received.md.");
    }
}
