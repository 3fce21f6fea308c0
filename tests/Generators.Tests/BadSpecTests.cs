using System.Reflection;
using BootProtocol.Generators.Diagnostics;
using BootProtocol.Testing;
using Microsoft.CodeAnalysis;

namespace BootProtocol.Generators.Tests;

/// <summary>One tiny bad spec for every message: <c>BadSpecs/ID.bootspec</c>, and beside it what the build says.</summary>
public sealed class BadSpecTests
{
    public static TheoryData<string> Ids =>
    [
        .. typeof(SpecDescriptors).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(descriptor => ((SpecDescriptor)descriptor.GetValue(null)!).Id),
    ];

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Bad_spec_gets_its_message(string id)
    {
        string file = id + ".bootspec";
        string text = File.ReadAllText(Repository.File("tests", "Generators.Tests", "BadSpecs", file));
        var run = new GeneratorRun((file, text));
        string[] messages = [.. run.Messages, .. await run.Advice()];

        Assert.Null(run.Result.Exception);
        Assert.Contains(messages, message => message.Contains($" {id}: ", StringComparison.Ordinal));
        Snapshot.Matches(string.Join('\n', messages) + "\n", "txt", "Generators.Tests", "BadSpecs", id);
    }

    [Fact]
    public void Every_bad_spec_has_a_message_of_its_own()
    {
        IEnumerable<string?> files = Directory.GetFiles(Repository.File("tests", "Generators.Tests", "BadSpecs"), "*.bootspec")
            .Select(Path.GetFileNameWithoutExtension);
        Assert.Equal(Ids.Select(row => row.Data).Order(), files.Order());
    }

    /// <summary>A broken row costs only itself: what is generated from the rest compiles.</summary>
    [Theory]
    [MemberData(nameof(Ids))]
    public void Rest_of_a_bad_spec_is_generated_and_compiles(string id)
    {
        string file = id + ".bootspec";
        string text = File.ReadAllText(Repository.File("tests", "Generators.Tests", "BadSpecs", file));
        var run = new GeneratorRun((file, text));
        Assert.Empty(run.Compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(d => d.ToString()));
    }
}
