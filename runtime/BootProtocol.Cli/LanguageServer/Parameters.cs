using System.Text.Json;

namespace BootProtocol.Cli.LanguageServer;

/// <summary>Reads the parameters of messages.</summary>
internal static class Parameters
{
    /// <summary>A member that may be missing; null is as good as missing.</summary>
    public static JsonElement? Optional(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    /// <summary>A member that must be there.</summary>
    /// <exception cref="RpcException">It is missing.</exception>
    public static JsonElement Member(this JsonElement element, string name) =>
        element.Optional(name) ?? throw new RpcException(RpcError.InvalidParameters, $"'{name}' is missing");

    /// <summary>A text.</summary>
    /// <exception cref="RpcException">It is missing, or no text.</exception>
    public static string Text(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : throw Bad(name, "text");

    /// <summary>A number from 0 on.</summary>
    /// <exception cref="RpcException">It is missing, or no such number.</exception>
    public static int Number(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int value) && value >= 0
            ? value
            : throw Bad(name, "number from 0 to 2147483647");

    /// <summary>The elements of an array.</summary>
    /// <exception cref="RpcException">It is missing, or no array.</exception>
    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : throw Bad(name, "array");

    /// <summary>Whether a member says true.</summary>
    public static bool IsTrue(this JsonElement element, params ReadOnlySpan<string> path)
    {
        JsonElement? at = element;
        foreach (string name in path)
            at = at?.Optional(name);
        return at is { ValueKind: JsonValueKind.True };
    }

    /// <summary>A place in a text.</summary>
    /// <exception cref="RpcException">It is missing, or no place.</exception>
    public static TextPlace Place(this JsonElement element, string name)
    {
        JsonElement place = element.Member(name);
        return new TextPlace(place.Number("line"), place.Number("character"));
    }

    private static RpcException Bad(string name, string expected) => new(RpcError.InvalidParameters, $"'{name}' is no {expected}");
}
