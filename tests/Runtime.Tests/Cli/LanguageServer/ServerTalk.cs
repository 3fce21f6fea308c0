using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using BootProtocol.Cli.LanguageServer;

namespace BootProtocol.Runtime.Tests.Cli.LanguageServer;

/// <summary>Messages for a server that runs in this process, and what it says to them.</summary>
internal sealed class ServerTalk
{
    public const string Uri = "untitled:one.bootspec";

    private readonly List<byte> _input = [];
    private int _lastId;

    /// <summary>Starts with <c>initialize</c>.</summary>
    public static ServerTalk Begun(string? folder = null)
    {
        var talk = new ServerTalk();
        talk.Ask("initialize", new { rootUri = folder is null ? null : new Uri(folder).AbsoluteUri, capabilities = new { } });
        return talk;
    }

    /// <summary>Asks something; returns the number of the request.</summary>
    public int Ask(string method, object? parameters = null)
    {
        Send(JsonSerializer.Serialize(new { jsonrpc = "2.0", id = ++_lastId, method, @params = parameters }));
        return _lastId;
    }

    /// <summary>Asks about a place in a document.</summary>
    public int AskAt(string method, int line, int character, string uri = Uri) =>
        Ask(method, new { textDocument = new { uri }, position = new { line, character } });

    /// <summary>Says something that has no answer.</summary>
    public void Notify(string method, object? parameters = null) =>
        Send(JsonSerializer.Serialize(new { jsonrpc = "2.0", method, @params = parameters }));

    /// <summary>Opens a document.</summary>
    public void Open(string text, string uri = Uri) =>
        Notify("textDocument/didOpen", new { textDocument = new { uri, languageId = "bootspec", version = 1, text } });

    /// <summary>Sends a message with its head.</summary>
    public void Send(string message)
    {
        byte[] body = Encoding.UTF8.GetBytes(message);
        SendRaw(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n"));
        _input.AddRange(body);
    }

    /// <summary>Sends text as it is.</summary>
    public void SendRaw(string text) => _input.AddRange(Encoding.UTF8.GetBytes(text));

    /// <summary>Runs the server to the end of what was sent.</summary>
    public ServerAnswers Run()
    {
        using var input = new MemoryStream([.. _input]);
        using var output = new MemoryStream();
        int exitCode = new SpecServer(input, output).Run();
        return new ServerAnswers(exitCode, [.. Messages(output.ToArray())]);
    }

    private static IEnumerable<JsonObject> Messages(byte[] bytes)
    {
        for (int at = 0; at < bytes.Length;)
        {
            int end = at + bytes.AsSpan(at).IndexOf("\r\n\r\n"u8);
            string head = Encoding.ASCII.GetString(bytes[at..end]);
            Assert.StartsWith("Content-Length: ", head, StringComparison.Ordinal);
            int length = int.Parse(head["Content-Length: ".Length..], CultureInfo.InvariantCulture);
            at = end + 4 + length;
            yield return JsonNode.Parse(bytes.AsSpan(end + 4, length))!.AsObject();
        }
    }
}

/// <summary>What a server has said.</summary>
internal sealed record ServerAnswers(int ExitCode, IReadOnlyList<JsonObject> Messages)
{
    /// <summary>The result of a request.</summary>
    public JsonNode? Result(int id)
    {
        JsonObject answer = Answer(id);
        Assert.False(answer.ContainsKey("error"), answer.ToJsonString());
        return answer["result"];
    }

    /// <summary>The error of a request.</summary>
    public int Error(int id) => (int)Answer(id)["error"]!["code"]!;

    /// <summary>The problems of each state that was published of a document.</summary>
    public IReadOnlyList<JsonArray> Problems(string uri = ServerTalk.Uri) =>
    [
        .. Messages.Where(message => (string?)message["method"] == "textDocument/publishDiagnostics" && (string?)message["params"]!["uri"] == uri)
            .Select(static message => message["params"]!["diagnostics"]!.AsArray()),
    ];

    private JsonObject Answer(int id) => Assert.Single(Messages, message => message["id"]?.ToJsonString() == $"{id}" && !message.ContainsKey("method"));
}
