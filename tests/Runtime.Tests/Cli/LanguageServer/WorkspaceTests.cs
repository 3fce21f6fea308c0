using System.Text.Json;
using BootProtocol.Testing;
using StreamJsonRpc;

namespace BootProtocol.Runtime.Tests.Cli.LanguageServer;

/// <summary>A workspace with the tool as a process of its own.</summary>
public sealed class WorkspaceTests : IDisposable
{
    private const string Colours = "protocol paint little | Paint.\nenum colour : u16 | Colours.\n  1 RED | As blood.\n";
    private const string Pots = "protocol pots little | Pots.\nstruct pot | A pot.\n  0 colour colour | Its colour.\n  2 lid lid | Its lid.\n";
    private const string Lids = "protocol lids little | Lids.\nstruct lid | A lid.\n  0 u16 size | Its size.\nstruct colour | No colour.\n  0 u64 far | Far away.\n";

    private readonly TemporaryFolder _folder = new();

    public WorkspaceTests()
    {
        _folder.Write("pots/colours.bootspec", Colours);
        _folder.Write("pots/pots.bootspec", Pots);
        _folder.Write("lids/lids.bootspec", Lids);
        _folder.Write("obj/built.bootspec", "protocol built little\nstruct built\n  0 u8 a\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_editor_works_in_a_folder()
    {
        using var server = new ServerProcess();
        JsonElement able = server.Ask("initialize", new
        {
            processId = Environment.ProcessId,
            rootUri = (string?)null,
            workspaceFolders = new[] { new { uri = Address(), name = "paint" } },
            capabilities = new { workspace = new { didChangeWatchedFiles = new { dynamicRegistration = true } } },
        });
        Assert.Equal("bootproto", able.GetProperty("serverInfo").GetProperty("name").GetString());
        server.Notify("initialized", new { });
        JsonElement watcher = server.Registered().GetProperty("registrations")[0].GetProperty("registerOptions").GetProperty("watchers")[0];
        Assert.Equal("**/*.bootspec", watcher.GetProperty("globPattern").GetString());

        // The colour of the same folder counts, the lid of the other is found, what is built is not looked at.
        Open(server, "pots/pots.bootspec", Pots);
        Assert.Equal([], Problems(server));
        Assert.Contains("|offset 0x2 (2), size 2|", Hover(server, "pots/pots.bootspec", 3, 8), StringComparison.Ordinal);
        Assert.Equal((Address("lids/lids.bootspec"), 1), Definition(server, "pots/pots.bootspec", 3, 4));
        Assert.Equal((Address("pots/colours.bootspec"), 1), Definition(server, "pots/pots.bootspec", 2, 4));

        // What is typed counts at once, for the other file too; what is on disk again when the buffer is closed.
        Change(server, "pots/pots.bootspec", 2, (3, 4, 3, 7), "built");
        Assert.Equal(["BPS3003 'built' is no type; did you mean 'u16'?"], Messages(server.Published(), "pots/pots.bootspec"), Near);
        Change(server, "pots/pots.bootspec", 3, (3, 4, 3, 9), "lid");
        Assert.Equal([], Problems(server));
        Open(server, "pots/colours.bootspec", Colours.Replace("u16", "u32", StringComparison.Ordinal));
        JsonElement[] both = [server.Published(), server.Published()];
        JsonElement pots = both.Single(state => state.GetProperty("uri").GetString() == Address("pots/pots.bootspec"));
        Assert.StartsWith("BPS2001 'lid' is placed at 0x2", Assert.Single(Messages(pots, "pots/pots.bootspec")), StringComparison.Ordinal);
        server.Notify("textDocument/didClose", new { textDocument = new { uri = Address("pots/colours.bootspec") } });
        both = [server.Published(), server.Published()];
        Assert.All(both, static state => Assert.Equal(0, state.GetProperty("diagnostics").GetArrayLength()));

        // A file that changes on disk, and one that is gone.
        _folder.Write("pots/colours.bootspec", Colours.Replace("colour", "tint", StringComparison.Ordinal));
        Watched(server, 2, "pots/colours.bootspec");
        Assert.StartsWith("BPS2001 'lid'", Assert.Single(Messages(server.Published(), "pots/pots.bootspec")), StringComparison.Ordinal);
        File.Delete(_folder.File("lids/lids.bootspec"));
        Watched(server, 3, "lids/lids.bootspec");
        Assert.All(Messages(server.Published(), "pots/pots.bootspec"), static line => Assert.StartsWith("BPS3003 '", line, StringComparison.Ordinal));

        RemoteMethodNotFoundException unknown = Assert.Throws<RemoteMethodNotFoundException>(() => server.Ask("workspace/unknown"));
        Assert.Equal("there is no method 'workspace/unknown'", unknown.Message);
        Assert.Equal(JsonValueKind.Null, server.Ask("shutdown").ValueKind);
        server.Notify("exit");
        Assert.Equal((0, ""), server.Ended());
    }

    [Fact]
    public void An_editor_that_is_gone_leaves_no_server_behind()
    {
        using var server = new ServerProcess();
        server.Ask("initialize", new { capabilities = new { } });
        server.Hang();
        Assert.Equal((1, "error: the editor ended the dialogue without the message 'shutdown'\n"), server.Ended());
    }

    /// <summary>The near name is another one where types are added.</summary>
    private static bool Near(string expected, string actual) => expected.Split(';')[0] == actual.Split(';')[0];

    private static void Open(ServerProcess server, string address, string text, int version) =>
        server.Notify("textDocument/didOpen", new { textDocument = new { uri = address, languageId = "bootspec", version, text } });

    private void Open(ServerProcess server, string name, string text) => Open(server, Address(name), text, 1);

    private void Change(ServerProcess server, string name, int version, (int Line, int Character, int LastLine, int Last) range, string text)
    {
        var start = new { line = range.Line, character = range.Character };
        var end = new { line = range.LastLine, character = range.Last };
        server.Notify("textDocument/didChange", new
        {
            textDocument = new { uri = Address(name), version },
            contentChanges = new[] { new { range = new { start, end }, text } },
        });
    }

    private void Watched(ServerProcess server, int type, string name) =>
        server.Notify("workspace/didChangeWatchedFiles", new { changes = new[] { new { uri = Address(name), type } } });

    private string Hover(ServerProcess server, string name, int line, int character) =>
        server.Ask("textDocument/hover", At(name, line, character)).GetProperty("contents").GetProperty("value").GetString()!.Replace('\n', '|');

    private (string? Uri, int Line) Definition(ServerProcess server, string name, int line, int character)
    {
        JsonElement location = server.Ask("textDocument/definition", At(name, line, character));
        return (location.GetProperty("uri").GetString(), location.GetProperty("range").GetProperty("start").GetProperty("line").GetInt32());
    }

    private object At(string name, int line, int character) => new { textDocument = new { uri = Address(name) }, position = new { line, character } };

    private List<string> Problems(ServerProcess server) => Messages(server.Published(), "pots/pots.bootspec");

    private List<string> Messages(JsonElement state, string name)
    {
        Assert.Equal(Address(name), state.GetProperty("uri").GetString());
        return
        [
            .. state.GetProperty("diagnostics").EnumerateArray()
                .Select(static problem => $"{problem.GetProperty("code")} {problem.GetProperty("message")}"),
        ];
    }

    private string Address(params string[] parts) => new Uri(_folder.File(parts)).AbsoluteUri;
}
