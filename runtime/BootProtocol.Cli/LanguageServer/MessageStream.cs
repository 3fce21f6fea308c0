using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace BootProtocol.Cli.LanguageServer;

/// <summary>Messages of JSON-RPC with a head that says their length, as the language server protocol frames them.</summary>
/// <remarks>
/// No library: StreamJsonRpc brings nine packages along, and its formatters for native programs need generated code for each message; the frame is
/// all that would be used of it here.
/// </remarks>
/// <param name="input">Where messages come from; heads are read byte by byte, so that it has a buffer.</param>
/// <param name="output">Where messages go to.</param>
internal sealed class MessageStream(Stream input, Stream output)
{
    /// <summary>The longest message: the largest spec file, with each character escaped.</summary>
    private const int LongestMessage = 16 << 20;

    /// <summary>The longest line of a head.</summary>
    private const int LongestLine = 1024;

    private const string LengthName = "Content-Length";

    /// <summary>Reads the next message.</summary>
    /// <returns>Its bytes; null at the end of the input.</returns>
    /// <exception cref="ToolException">What comes is not framed as messages are, so that no later one can be found.</exception>
    public byte[]? Read()
    {
        long? length = null;
        for (bool isFirst = true; ; isFirst = false)
        {
            if (ReadLine() is not { } line)
                return isFirst ? null : throw Bad("ends within the head of a message");
            if (line.Length == 0)
                break;
            string[] parts = line.Split(':', 2);
            if (parts.Length < 2)
                throw Bad($"has '{line}' where the head of a message was expected");
            if (!parts[0].Equals(LengthName, StringComparison.OrdinalIgnoreCase))
                continue;
            if (!long.TryParse(parts[1].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long number))
                throw Bad($"has a message of '{parts[1].Trim()}' bytes, which is no number");
            length = number;
        }

        if (length is not { } count)
            throw Bad($"has a message without {LengthName}");
        if (count > LongestMessage)
            throw Bad($"has a message of {count} bytes, expected at most {LongestMessage}");
        var message = new byte[count];
        return input.ReadAtLeast(message, message.Length, throwOnEndOfStream: false) == message.Length
            ? message
            : throw Bad($"ends within a message of {count} bytes");
    }

    /// <summary>Writes a message.</summary>
    /// <param name="write">Writes what the message's object has beside the version of JSON-RPC.</param>
    public void Write(Action<Utf8JsonWriter> write)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc", "2.0");
            write(writer);
            writer.WriteEndObject();
        }

        string head = string.Create(CultureInfo.InvariantCulture, $"{LengthName}: {body.WrittenCount}\r\n\r\n");
        output.Write([.. Encoding.ASCII.GetBytes(head), .. body.WrittenSpan]);
        output.Flush();
    }

    /// <summary>Reads a line of a head, without its end; null at the end of the input.</summary>
    private string? ReadLine()
    {
        var line = new StringBuilder();
        for (int next = input.ReadByte(); next != '\n'; next = input.ReadByte())
        {
            if (next < 0)
                return line.Length == 0 ? null : throw Bad("ends within the head of a message");
            if (line.Length == LongestLine)
                throw Bad("has a line that is too long for the head of a message");
            line.Append((char)next);
        }

        return line.ToString().TrimEnd('\r');
    }

    private static ToolException Bad(string what) => new(ExitCode.BadInput, $"{InputFile.StandardInputName}: {what}");
}
