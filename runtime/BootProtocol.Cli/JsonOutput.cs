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

    /// <summary>Writes a document that may be long, and a line end: what is there goes out each time that the function says so.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="make">Makes the document; calls the second argument between its parts.</param>
    public static void WriteLong(TextWriter output, Action<Utf8JsonWriter, Action> make)
    {
        const int Enough = 1 << 16;
        var buffer = new ArrayBufferWriter<byte>(Enough);
        using (var writer = new Utf8JsonWriter(buffer, _options))
        {
            make(writer, () =>
            {
                if (buffer.WrittenCount + writer.BytesPending >= Enough / 2)
                    Drain();
            });
            Drain();

            void Drain()
            {
                writer.Flush();
                output.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
                buffer.Clear();
            }
        }

        output.Write('\n');
    }
}
