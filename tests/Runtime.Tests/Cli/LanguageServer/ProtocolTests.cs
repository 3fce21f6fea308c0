using System.Text.Json.Nodes;
using BootProtocol.Cli;

namespace BootProtocol.Runtime.Tests.Cli.LanguageServer;

/// <summary>Frames, errors and the life of the server.</summary>
public sealed class ProtocolTests
{
    [Fact]
    public void A_whole_life_ends_with_0()
    {
        var talk = new ServerTalk();
        int early = talk.Ask("textDocument/hover");
        int initialize = talk.Ask("initialize", new { capabilities = new { } });
        talk.Notify("initialized", new { });
        int again = talk.Ask("initialize", new { capabilities = new { } });
        int unknown = talk.Ask("workspace/symbol", new { query = "" });
        talk.Notify("$/cancelRequest", new { id = unknown });
        talk.Notify("$/somethingNew");
        int shutdown = talk.Ask("shutdown");
        int late = talk.Ask("textDocument/hover");
        talk.Notify("exit");
        int never = talk.Ask("shutdown");
        ServerAnswers answers = talk.Run();
        Assert.Equal(ExitCode.Done, answers.ExitCode);
        Assert.Equal(-32002, answers.Error(early));
        Assert.Equal("utf-16", (string?)answers.Result(initialize)!["capabilities"]!["positionEncoding"]);
        Assert.Equal(-32600, answers.Error(again));
        Assert.Equal(-32601, answers.Error(unknown));
        Assert.Null(answers.Result(shutdown));
        Assert.Equal(-32600, answers.Error(late));
        Assert.Equal(6, answers.Messages.Count);
        Assert.DoesNotContain(answers.Messages, message => message["id"] is { } id && (int)id == never);
    }

    [Fact]
    public void An_editor_that_is_gone_ends_it_with_1()
    {
        Assert.Equal(ExitCode.BadInput, ServerTalk.Begun().Run().ExitCode);
        ServerTalk talk = ServerTalk.Begun();
        talk.Notify("exit");
        Assert.Equal(ExitCode.BadInput, talk.Run().ExitCode);
    }

    [Theory]
    [InlineData("{", -32700)]
    [InlineData("", -32700)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\\ud83d\"", -32700)]
    [InlineData("[]", -32600)]
    [InlineData("7", -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":7}", -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":\"a\"}", -32600)]
    public void What_is_no_request_is_an_error_and_no_end(string message, int code)
    {
        ServerTalk talk = ServerTalk.Begun();
        talk.Send(message);
        int id = talk.Ask("shutdown");
        ServerAnswers answers = talk.Run();
        Assert.Equal(code, (int)answers.Messages[1]["error"]!["code"]!);
        Assert.Null(answers.Result(id));
    }

    [Theory]
    [InlineData("textDocument/hover", "{}")]
    [InlineData("textDocument/hover", "{\"textDocument\":{\"uri\":\"untitled:one.bootspec\"},\"position\":{\"line\":-1,\"character\":0}}")]
    [InlineData("textDocument/hover", "{\"textDocument\":{\"uri\":\"untitled:one.bootspec\"},\"position\":{\"line\":0.5,\"character\":0}}")]
    [InlineData("textDocument/definition", "{\"textDocument\":{\"uri\":\"untitled:other\"},\"position\":{\"line\":0,\"character\":0}}")]
    [InlineData("textDocument/completion", "{\"textDocument\":7}")]
    [InlineData("textDocument/documentSymbol", "[1]")]
    public void Parameters_that_cannot_be_are_an_error(string method, string parameters)
    {
        ServerTalk talk = ServerTalk.Begun();
        talk.Open("protocol p little\n");
        int id = talk.Ask(method, JsonNode.Parse(parameters));
        Assert.Equal(-32602, talk.Run().Error(id));
    }

    [Fact]
    public void A_notice_that_cannot_be_understood_is_logged_and_changes_nothing()
    {
        ServerTalk talk = ServerTalk.Begun();
        talk.Open("nothing\n");
        object[] changes = [new { text = "struct" }, new { range = 7, text = "" }];
        talk.Notify("textDocument/didChange", new { textDocument = new { uri = ServerTalk.Uri, version = 2 }, contentChanges = changes });
        ServerAnswers answers = talk.Run();
        JsonObject log = Assert.Single(answers.Messages, static message => (string?)message["method"] == "window/logMessage");
        Assert.Equal("'textDocument/didChange' was passed over: 'start' is missing", (string?)log["params"]!["message"]);
        Assert.Single(answers.Problems());
    }

    [Theory]
    [InlineData("Content-Length: 99\r\n\r\n{}", "ends within a message of 99 bytes")]
    [InlineData("Content-Length: x\r\n\r\n{}", "has a message of 'x' bytes, which is no number")]
    [InlineData("Content-Length: 99999999999\r\n\r\n{}", "has a message of 99999999999 bytes, expected at most 16777216")]
    [InlineData("Content-Length: 99999999999999999999\r\n\r\n{}", "has a message of '99999999999999999999' bytes, which is no number")]
    [InlineData("Content-Length: -1\r\n\r\n{}", "has a message of '-1' bytes, which is no number")]
    [InlineData("Content-Type: x\r\n\r\n{}", "has a message without Content-Length")]
    [InlineData("{}\r\n\r\n", "has '{}' where the head of a message was expected")]
    [InlineData("Content-Length: 2\r\n", "ends within the head of a message")]
    [InlineData("Content-Len", "ends within the head of a message")]
    public void What_is_no_frame_ends_it_with_a_line(string sent, string expected)
    {
        ServerTalk talk = ServerTalk.Begun();
        talk.SendRaw(sent);
        ToolException exception = Assert.Throws<ToolException>(talk.Run);
        Assert.Equal($"(standard input): {expected}", exception.Message);
        Assert.Equal(ExitCode.BadInput, exception.ExitCode);
    }

    [Fact]
    public void A_head_without_an_end_is_no_frame()
    {
        var talk = new ServerTalk();
        talk.SendRaw(new string('a', 100_000));
        Assert.Equal("(standard input): has a line that is too long for the head of a message", Assert.Throws<ToolException>(talk.Run).Message);
    }

    /// <summary>Case and order of the lines of a head do not matter, nor does a type.</summary>
    [Fact]
    public void Heads_may_have_more_lines()
    {
        var talk = new ServerTalk();
        const string Message = "{\"jsonrpc\":\"2.0\",\"id\":\"é\",\"method\":\"shutdown\"}";
        talk.SendRaw($"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length:{Message.Length + 1}\r\n\r\n{Message}");
        Assert.Equal("é", (string?)Assert.Single(talk.Run().Messages)["id"]);
    }

    /// <summary>Half a character is one unit of UTF-16, and so is what takes its place.</summary>
    [Theory]
    [InlineData("\\ud83d", "U\\+FFFD|\ufffd", 11)]
    [InlineData("\\ude00", "U\\+FFFD|\ufffd", 11)]
    [InlineData("\\ud83d\\ud83d\\ude00", "U\\+FFFD|\ufffd", 11)]
    [InlineData("\\\\ud83d", "\\\\", 11)]
    public void Half_a_character_changes_no_column(string escaped, string stray, int character)
    {
        ServerTalk talk = ServerTalk.Begun();
        const string Head = "{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/didOpen\",\"params\":{\"textDocument\":{\"uri\":\"" + ServerTalk.Uri;
        talk.Send($"{Head}\",\"text\":\"protocol p {escaped} little\"}}}}}}");
        JsonNode problem = Assert.Single(talk.Run().Problems())[0]!;
        Assert.Matches($"^'({stray})' has no place here", (string?)problem["message"]);
        Assert.Equal(character, (int)problem["range"]!["start"]!["character"]!);
    }
}
