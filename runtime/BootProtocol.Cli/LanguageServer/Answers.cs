using System.Text.Json;
using BootProtocol.Cli.OwnSpecs;
using BootProtocol.Generators.Syntax;

namespace BootProtocol.Cli.LanguageServer;

/// <summary>Writes what the server answers, as the protocol spells it.</summary>
internal static class Answers
{
    private const string Markdown = "markdown";
    private const string PlainText = "plaintext";

    /// <summary>What <c>initialize</c> is answered with.</summary>
    public static void WriteAbilities(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("capabilities");
        writer.WriteString("positionEncoding", "utf-16");
        writer.WriteStartObject("textDocumentSync");
        writer.WriteBoolean("openClose", true);
        writer.WriteNumber("change", 2); // Incremental; a change without a range is the whole text.
        writer.WriteEndObject();
        writer.WriteBoolean("hoverProvider", true);
        writer.WriteBoolean("definitionProvider", true);
        writer.WriteBoolean("documentSymbolProvider", true);
        writer.WriteStartObject("completionProvider");
        writer.WriteStartArray("triggerCharacters");
        writer.WriteStringValue("[");
        writer.WriteStringValue(".");
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartObject("serverInfo");
        writer.WriteString("name", "bootproto");
        writer.WriteString("version", ToolVersion.Number);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>The request for notices of spec files that change on disk.</summary>
    public static void WriteWatch(Utf8JsonWriter writer)
    {
        writer.WriteString("id", "watch");
        writer.WriteString("method", "client/registerCapability");
        writer.WriteStartObject("params");
        writer.WriteStartArray("registrations");
        writer.WriteStartObject();
        writer.WriteString("id", "watch");
        writer.WriteString("method", "workspace/didChangeWatchedFiles");
        writer.WriteStartObject("registerOptions");
        writer.WriteStartArray("watchers");
        writer.WriteStartObject();
        writer.WriteString("globPattern", $"**/*{SpecFiles.Extension}");
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>A text about a name.</summary>
    public static void WriteHover(Utf8JsonWriter writer, HoverText text, SourceRange range, bool asMarkdown)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("contents");
        writer.WriteString("kind", asMarkdown ? Markdown : PlainText);
        writer.WriteString("value", asMarkdown ? text.Markdown : text.Plain);
        writer.WriteEndObject();
        WriteRange(writer, "range", range);
        writer.WriteEndObject();
    }

    /// <summary>A place in a file.</summary>
    public static void WriteLocation(Utf8JsonWriter writer, string uri, SourceRange range)
    {
        writer.WriteStartObject();
        writer.WriteString("uri", uri);
        WriteRange(writer, "range", range);
        writer.WriteEndObject();
    }

    /// <summary>Words to put in.</summary>
    public static void WriteCompletion(Utf8JsonWriter writer, IEnumerable<CompletionItem> items)
    {
        writer.WriteStartArray();
        foreach (CompletionItem item in items)
        {
            writer.WriteStartObject();
            writer.WriteString("label", item.Label);
            writer.WriteNumber("kind", (int)item.Kind);
            if (item.Detail.Length > 0)
                writer.WriteString("detail", item.Detail);
            if (item.Doc.Length > 0)
                writer.WriteString("documentation", item.Doc);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>What is wrong with a document, and what could be better.</summary>
    public static void WriteProblems(Utf8JsonWriter writer, string uri, int? version, IEnumerable<DocumentProblem> problems)
    {
        writer.WriteStartObject();
        writer.WriteString("uri", uri);
        if (version is { } number)
            writer.WriteNumber("version", number);
        writer.WriteStartArray("diagnostics");
        foreach (DocumentProblem problem in problems)
        {
            writer.WriteStartObject();
            WriteRange(writer, "range", problem.Range);
            writer.WriteNumber("severity", problem.IsAdvice ? 2 : 1);
            if (problem.Code is { } code)
                writer.WriteString("code", code);
            writer.WriteString("source", "bootspec");
            writer.WriteString("message", problem.Message);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>A line for the editor's log about a mistake of its own.</summary>
    public static void WriteLog(Utf8JsonWriter writer, string message)
    {
        writer.WriteStartObject();
        writer.WriteNumber("type", 1);
        writer.WriteString("message", message);
        writer.WriteEndObject();
    }

    /// <summary>The blocks of a document with their rows.</summary>
    public static void WriteSymbols(Utf8JsonWriter writer, SpecFile file)
    {
        writer.WriteStartArray();
        foreach (BlockSyntax block in file.Blocks)
        {
            SourceRange head = block.Name.Range;
            SourceRange last = block.AllRows.LastOrDefault(static row => row is not null)?.Range ?? head;
            (int kind, int rowKind) = block switch
            {
                EnumSyntax => (10, 22), // Enum, EnumMember
                NotesSyntax => (3, 14), // Namespace, Constant
                _ => (23, 8), // Struct, Field
            };
            writer.WriteStartObject();
            WriteSymbol(writer, block.Name, kind, head with { Column = 0 }, last);
            writer.WriteStartArray("children");
            foreach (RowSyntax row in block.AllRows.OfType<RowSyntax>().Where(static row => row.Name.Value.Length > 0))
            {
                writer.WriteStartObject();
                WriteSymbol(writer, row.Name, rowKind, row.Range, row.Range);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteSymbol(Utf8JsonWriter writer, Located<string> name, int kind, SourceRange first, SourceRange last)
    {
        writer.WriteString("name", name.Value);
        writer.WriteNumber("kind", kind);
        WriteRange(writer, "range", first, last);
        WriteRange(writer, "selectionRange", name.Range);
    }

    private static void WriteRange(Utf8JsonWriter writer, string name, SourceRange range) => WriteRange(writer, name, range, range);

    private static void WriteRange(Utf8JsonWriter writer, string name, SourceRange first, SourceRange last)
    {
        writer.WriteStartObject(name);
        WritePlace("start", first.Line, first.Column);
        WritePlace("end", last.Line, last.Column + last.Length);
        writer.WriteEndObject();

        void WritePlace(string which, int line, int character)
        {
            writer.WriteStartObject(which);
            writer.WriteNumber("line", line);
            writer.WriteNumber("character", character);
            writer.WriteEndObject();
        }
    }
}
