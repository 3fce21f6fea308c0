using System.Text.Json;
using System.Text.Unicode;
using BootProtocol.Cli.OwnSpecs;

namespace BootProtocol.Cli.LanguageServer;

/// <summary>
/// A server of the language server protocol, version 3.17, for spec files. One message is answered after the other, in their order: the slowest takes
/// a few hundredths of a second.
/// </summary>
internal sealed class SpecServer
{
    private readonly MessageStream _messages;
    private readonly Workspace _workspace = new();
    private readonly Dictionary<string, IReadOnlyList<DocumentProblem>> _published = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Func<JsonElement, Action<Utf8JsonWriter>>> _requests;
    private readonly Dictionary<string, Action<JsonElement>> _notices;
    private Lifecycle _state;
    private bool _hasMarkdown;
    private bool _watchesFiles;

    /// <summary>A server on two streams.</summary>
    public SpecServer(Stream input, Stream output)
    {
        _messages = new MessageStream(input, output);
        _requests = new(StringComparer.Ordinal)
        {
            ["initialize"] = Initialize,
            ["shutdown"] = Shutdown,
            ["textDocument/hover"] = Hover,
            ["textDocument/definition"] = Definition,
            ["textDocument/completion"] = Complete,
            ["textDocument/documentSymbol"] = Symbols,
        };
        _notices = new(StringComparer.Ordinal)
        {
            ["initialized"] = Initialized,
            ["textDocument/didOpen"] = Open,
            ["textDocument/didChange"] = Change,
            ["textDocument/didClose"] = Close,
            ["workspace/didChangeWatchedFiles"] = Reload,
        };
    }

    private enum Lifecycle
    {
        /// <summary>Nothing was said yet.</summary>
        Started,

        /// <summary>The editor works.</summary>
        Working,

        /// <summary>The editor is about to end the server.</summary>
        ShutDown,
    }

    /// <summary>Answers messages until the editor ends that.</summary>
    /// <returns>The exit code: an editor that says no good-bye has failed.</returns>
    /// <exception cref="ToolException">What comes is not framed as messages are.</exception>
    public int Run()
    {
        while (_messages.Read() is { } message)
        {
            if (!Handle(message))
                break;
        }

        return _state == Lifecycle.ShutDown ? ExitCode.Done : ExitCode.BadInput;
    }

    /// <summary>Handles a message; false if it was the last.</summary>
    private bool Handle(byte[] message)
    {
        LoneSurrogates.Replace(message);
        try
        {
            using var document = Utf8.IsValid(message) ? JsonDocument.Parse(message) : throw new JsonException("it is no UTF-8");
            return Handle(document.RootElement);
        }
        catch (JsonException exception)
        {
            Fail(null, new RpcException(RpcError.Parse, $"the message is no JSON: {exception.Message}"));
            return true;
        }
    }

    private bool Handle(JsonElement message)
    {
        JsonElement? id = message.Optional("id") is { ValueKind: JsonValueKind.String or JsonValueKind.Number } said ? said : null;
        if (message.Optional("method") is not { ValueKind: JsonValueKind.String } name)
        {
            // Answers to what the server asked for need none.
            bool isAnswer = id is not null && (message.Optional("result") ?? message.Optional("error")) is not null;
            if (!isAnswer && !(message.ValueKind == JsonValueKind.Object && message.TryGetProperty("result", out _)))
                Fail(id, new RpcException(RpcError.InvalidRequest, "the message has no method"));
            return true;
        }

        string method = name.GetString()!;
        JsonElement parameters = message.Optional("params") ?? default;
        if (id is not null)
            Answer(id.Value, method, parameters);
        else if (method == "exit")
            return false;
        else if (_state == Lifecycle.Working)
            Notice(method, parameters);
        return true;
    }

    private void Answer(JsonElement id, string method, JsonElement parameters)
    {
        try
        {
            if (_state == Lifecycle.Started && method != "initialize")
                throw new RpcException(RpcError.NotInitialized, "the first request is 'initialize'");
            if (_state == Lifecycle.ShutDown || (_state == Lifecycle.Working && method == "initialize"))
                throw new RpcException(RpcError.InvalidRequest, $"'{method}' cannot be asked for any more");
            if (!_requests.TryGetValue(method, out Func<JsonElement, Action<Utf8JsonWriter>>? answer))
                throw new RpcException(RpcError.UnknownMethod, $"there is no method '{method}'");
            Action<Utf8JsonWriter> write = answer(parameters);
            _messages.Write(writer =>
            {
                WriteId(writer, id);
                writer.WritePropertyName("result");
                write(writer);
            });
        }
        catch (RpcException exception)
        {
            Fail(id, exception);
        }
    }

    /// <summary>Takes a notice. It has no answer, not even where it cannot be understood.</summary>
    private void Notice(string method, JsonElement parameters)
    {
        if (!_notices.TryGetValue(method, out Action<JsonElement>? take))
            return;
        try
        {
            take(parameters);
        }
        catch (RpcException exception)
        {
            _messages.Write(Notify("window/logMessage", writer => Answers.WriteLog(writer, $"'{method}' was passed over: {exception.Message}")));
            return;
        }

        Publish();
    }

    private void Fail(JsonElement? id, RpcException exception) => _messages.Write(writer =>
    {
        WriteId(writer, id);
        writer.WriteStartObject("error");
        writer.WriteNumber("code", exception.Code);
        writer.WriteString("message", exception.Message);
        writer.WriteEndObject();
    });

    private static void WriteId(Utf8JsonWriter writer, JsonElement? id)
    {
        writer.WritePropertyName("id");
        if (id is { } value)
            value.WriteTo(writer);
        else
            writer.WriteNullValue();
    }

    private Action<Utf8JsonWriter> Initialize(JsonElement parameters)
    {
        JsonElement able = parameters.Optional("capabilities") ?? default;
        _watchesFiles = able.IsTrue("workspace", "didChangeWatchedFiles", "dynamicRegistration");
        _hasMarkdown = able.Optional("textDocument")?.Optional("hover")?.Optional("contentFormat") is { ValueKind: JsonValueKind.Array } formats
            && formats.EnumerateArray().Any(static format => format.ValueKind == JsonValueKind.String && format.ValueEquals("markdown"));
        IEnumerable<string> folders = parameters.Optional("workspaceFolders") is null
            ? parameters.Optional("rootUri") is null ? [] : [parameters.Text("rootUri")]
            : parameters.Items("workspaceFolders").Select(static folder => folder.Text("uri"));
        foreach (string folder in folders.ToList())
        {
            if (FileAddress.Path(folder) is { } path)
                _workspace.AddFolder(path);
        }

        _state = Lifecycle.Working;
        return Answers.WriteAbilities;
    }

    private void Initialized(JsonElement parameters)
    {
        if (_watchesFiles)
            _messages.Write(Answers.WriteWatch);
    }

    private Action<Utf8JsonWriter> Shutdown(JsonElement parameters)
    {
        _state = Lifecycle.ShutDown;
        return static writer => writer.WriteNullValue();
    }

    private void Open(JsonElement parameters)
    {
        JsonElement document = parameters.Member("textDocument");
        var open = new OpenDocument(document.Text("uri"), document.Text("text"), Version(document));
        _workspace.Add(open);
        _published.Remove(open.Uri);
    }

    private void Change(JsonElement parameters)
    {
        OpenDocument document = Document(parameters);
        int? version = Version(parameters.Member("textDocument"));
        List<TextChange> changes = [.. parameters.Items("contentChanges").Select(TextChange.Of)];
        document.Apply(changes, version);
        _workspace.Changed();
        _published.Remove(document.Uri);
    }

    private void Close(JsonElement parameters)
    {
        OpenDocument document = Document(parameters);
        _workspace.Remove(document);
        _published.Remove(document.Uri);
        _messages.Write(Notify("textDocument/publishDiagnostics", writer => Answers.WriteProblems(writer, document.Uri, null, [])));
    }

    private void Reload(JsonElement parameters)
    {
        foreach (JsonElement change in parameters.Items("changes"))
        {
            if (FileAddress.Path(change.Text("uri")) is { } path)
                _workspace.Reload(path);
        }
    }

    /// <summary>Says what is wrong with the document that has changed, and with those for which that is another than was said last.</summary>
    private void Publish()
    {
        foreach (OpenDocument document in _workspace.Open)
        {
            IReadOnlyList<DocumentProblem> problems = DocumentProblem.Of(document, _workspace.ScopeOf(document));
            if (_published.TryGetValue(document.Uri, out IReadOnlyList<DocumentProblem>? said) && said.SequenceEqual(problems))
                continue;
            _published[document.Uri] = problems;
            _messages.Write(Notify(
                "textDocument/publishDiagnostics", writer => Answers.WriteProblems(writer, document.Uri, document.Version, problems)));
        }
    }

    private Action<Utf8JsonWriter> Hover(JsonElement parameters) => Named(parameters, (writer, found, scope) =>
        Answers.WriteHover(writer, HoverText.Of(found, scope), found.Range, _hasMarkdown));

    private Action<Utf8JsonWriter> Definition(JsonElement parameters) => Named(parameters, (writer, found, _) =>
    {
        // What is shipped has no file to go to.
        if (found.Declaration is { Path: { } path } declaration)
            Answers.WriteLocation(writer, _workspace.AddressOf(path), (found.Row?.Name ?? declaration.Block.Name).Range);
        else
            writer.WriteNullValue();
    });

    private Action<Utf8JsonWriter> Complete(JsonElement parameters)
    {
        OpenDocument document = Document(parameters);
        List<CompletionItem> items = [.. new Completion(_workspace.ScopeOf(document), document).At(parameters.Place("position"))];
        return writer => Answers.WriteCompletion(writer, items);
    }

    private Action<Utf8JsonWriter> Symbols(JsonElement parameters)
    {
        OpenDocument document = Document(parameters);
        return writer => Answers.WriteSymbols(writer, document.File);
    }

    /// <summary>An answer about the name at a place; null where there is none.</summary>
    private Action<Utf8JsonWriter> Named(JsonElement parameters, Action<Utf8JsonWriter, FoundName, SpecScope> write)
    {
        OpenDocument document = Document(parameters);
        SpecScope scope = _workspace.ScopeOf(document);
        FoundName? found = new NameFinder(scope, document).Find(parameters.Place("position"));
        return found is null ? static writer => writer.WriteNullValue() : writer => write(writer, found, scope);
    }

    private OpenDocument Document(JsonElement parameters)
    {
        string uri = parameters.Member("textDocument").Text("uri");
        return _workspace.Find(uri) ?? throw new RpcException(RpcError.InvalidParameters, $"'{uri}' is not open");
    }

    private static int? Version(JsonElement document) =>
        document.Optional("version") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int version) ? version : null;

    private static Action<Utf8JsonWriter> Notify(string method, Action<Utf8JsonWriter> write) => writer =>
    {
        writer.WriteString("method", method);
        writer.WritePropertyName("params");
        write(writer);
    };
}
