using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace BootProtocol.Cli;

/// <summary>Writes a JSON document to a text writer.</summary>
internal static class JsonOutput
{
    // The document is no part of a web page: a plus sign in a kernel version may stay one.
    private static readonly JsonWriterOptions _options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Indented = true,
        NewLine = "\n",
    };

    /// <summary>Writes the document that a function makes, and a line end.</summary>
    public static void Write(TextWriter output, Action<Utf8JsonWriter> make)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, _options))
            make(writer);
        output.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
        output.Write('\n');
    }
}
