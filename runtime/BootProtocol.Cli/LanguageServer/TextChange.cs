using System.Text.Json;

namespace BootProtocol.Cli.LanguageServer;

/// <summary>A change of a text.</summary>
/// <param name="Range">The piece that is replaced; null for the whole text.</param>
/// <param name="Text">What takes its place.</param>
internal sealed record TextChange((TextPlace Start, TextPlace End)? Range, string Text)
{
    /// <summary>Reads a change.</summary>
    /// <exception cref="RpcException">It is none.</exception>
    public static TextChange Of(JsonElement change) => new(
        change.Optional("range") is { } range ? (range.Place("start"), range.Place("end")) : null, change.Text("text"));
}

/// <summary>A place in a text, counted from 0.</summary>
internal readonly record struct TextPlace(int Line, int Character);
