using System.Buffers;
using System.Text;
using System.Text.Json;

namespace BootProtocol.Cli.Running;

/// <summary>A conversation with QEMU: one JSON object a line, each way.</summary>
/// <param name="stream">The line, which is closed at the end.</param>
internal sealed class QemuSession(Stream stream) : IDisposable
{
    private readonly StreamReader _reader = new(stream, Encoding.UTF8);
    private readonly Queue<JsonElement> _events = [];

    /// <summary>Takes the greeting, and says that the conversation begins.</summary>
    /// <param name="starts">Whether the guest is to start then.</param>
    /// <exception cref="IOException">QEMU is gone.</exception>
    public async Task OpenAsync(bool starts)
    {
        _ = await ReadAsync().ConfigureAwait(false);
        _ = await AskAsync("qmp_capabilities").ConfigureAwait(false);
        if (starts)
            _ = await AskAsync("cont").ConfigureAwait(false);
    }

    /// <summary>Waits until the guest has ended, looks at its processor, and has QEMU end, too.</summary>
    /// <exception cref="IOException">QEMU is gone before.</exception>
    public async Task<GuestEnd> WaitForEndAsync()
    {
        while (true)
        {
            JsonElement message = _events.TryDequeue(out JsonElement kept) ? kept : await ReadAsync().ConfigureAwait(false);
            if (await FindReasonAsync(message).ConfigureAwait(false) is not { } reason)
                continue;
            ProcessorState? state = reason == GuestEnd.Shutdown ? null : await LookAsync().ConfigureAwait(false);
            await QuitAsync().ConfigureAwait(false);
            return new GuestEnd(reason, state);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    /// <summary>Has QEMU end. It overlooks what was sent last if the line is cut before it has ended.</summary>
    private async Task QuitAsync()
    {
        try
        {
            await SendAsync("quit", null).ConfigureAwait(false);
            while (true)
                _ = await ReadAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or JsonException)
        {
            // It is gone.
        }
    }

    /// <summary>Why the guest ended, if an event says that it did.</summary>
    private async Task<string?> FindReasonAsync(JsonElement message)
    {
        switch (Text(message, "event"))
        {
            case "SHUTDOWN":
                bool isOfGuest = message.TryGetProperty("data", out JsonElement data)
                    && data.TryGetProperty("guest", out JsonElement guest) && guest.ValueKind == JsonValueKind.True;
                return isOfGuest ? Text(data, "reason") ?? GuestEnd.Shutdown : null;
            case "GUEST_PANICKED":
                return GuestEnd.Panic;
            case "STOP":
                JsonElement status = await AskAsync("query-status").ConfigureAwait(false);
                return Text(status, "status") == GuestEnd.InternalError ? GuestEnd.InternalError : null;
            default:
                return null;
        }
    }

    private async Task<ProcessorState?> LookAsync()
    {
        string? registers = await AskMonitorAsync("info registers -a").ConfigureAwait(false);
        if (registers is null || ProcessorState.Find(registers) is not { } state)
            return null;
        return state.HasHandlers ? state : state with { Instruction = await AskMonitorAsync($"x /1bx 0x{state.InstructionPointer:x}").ConfigureAwait(false) };
    }

    private async Task<string?> AskMonitorAsync(string line)
    {
        JsonElement answer = await AskAsync("human-monitor-command", line).ConfigureAwait(false);
        return answer.ValueKind == JsonValueKind.String ? answer.GetString() : null;
    }

    /// <summary>Sends a command and waits for its answer; events that come before are kept. No element if QEMU cannot do it.</summary>
    private async Task<JsonElement> AskAsync(string command, string? line = null)
    {
        await SendAsync(command, line).ConfigureAwait(false);
        while (true)
        {
            JsonElement message = await ReadAsync().ConfigureAwait(false);
            if (message.TryGetProperty("return", out JsonElement answer))
                return answer;
            if (message.TryGetProperty("error", out _))
                return default;
            _events.Enqueue(message);
        }
    }

    private async Task SendAsync(string command, string? line)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("execute", command);
            if (line is not null)
            {
                json.WriteStartObject("arguments");
                json.WriteString("command-line", line);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        await stream.WriteAsync(buffer.WrittenMemory).ConfigureAwait(false);
    }

    private async Task<JsonElement> ReadAsync()
    {
        string line = await _reader.ReadLineAsync().ConfigureAwait(false) ?? throw new EndOfStreamException();
        using var document = JsonDocument.Parse(line);
        JsonElement message = document.RootElement.Clone();
        return message.ValueKind == JsonValueKind.Object ? message : throw new JsonException("An object is expected.");
    }

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
