using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Cli;

/// <summary>A headless Chromium with one page, driven by the protocol of its developer tools.</summary>
internal sealed partial class Browser : IAsyncDisposable
{
    private const string Program = "chromium-headless-shell";

    // For a browser that hangs: on a busy machine, it takes long to start.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _limit = new(_patience);
    private readonly ClientWebSocket _socket = new();
    private readonly Process _process;
    private int _calls;

    private Browser(string page)
    {
        NeedsAttribute.Check(Need.Tools, Program);
        string[] arguments =
        [
            "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-port=0", "--window-size=1600,1000",
            $"--user-data-dir={_folder.Path}", $"file://{page}",
        ];
        _process = Process.Start(new ProcessStartInfo(Program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
    }

    /// <summary>Opens a page of a file.</summary>
    public static async Task<Browser> Open(string page)
    {
        var browser = new Browser(page);
        try
        {
            await browser.Connect();
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>What an expression of the page's language gives, as text.</summary>
    public async Task<string> Evaluate(string expression)
    {
        JsonElement answer = await Call("Runtime.evaluate", new { expression, returnByValue = true });
        Assert.False(answer.TryGetProperty("exceptionDetails", out JsonElement thrown), $"{expression}: {thrown}");
        return answer.GetProperty("result").TryGetProperty("value", out JsonElement value) ? value.ToString() : "";
    }

    /// <summary>Clicks into the middle of an element, as a mouse does.</summary>
    /// <param name="element">An expression that gives the element.</param>
    public async Task Click(string element)
    {
        string[] place = (await Evaluate(
            $"(() => {{ const it = {element}; it.scrollIntoView({{ block: 'center' }}); const box = it.getBoundingClientRect();"
            + " return `${box.x + box.width / 2} ${box.y + box.height / 2}`; })()")).Split(' ');
        foreach (string type in new[] { "mousePressed", "mouseReleased" })
        {
            await Call(
                "Input.dispatchMouseEvent",
                new
                {
                    type,
                    x = double.Parse(place[0], System.Globalization.CultureInfo.InvariantCulture),
                    y = double.Parse(place[1], System.Globalization.CultureInfo.InvariantCulture),
                    button = "left",
                    clickCount = 1,
                });
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _limit.Dispose();
        _folder.Dispose();
    }

    private async Task Connect()
    {
        string? address = null;
        while (address is null)
        {
            string line = await _process.StandardError.ReadLineAsync(_limit.Token) ?? throw new InvalidOperationException($"{Program} has ended");
            Match match = Address().Match(line);
            address = match.Success ? match.Groups[1].Value : null;
        }

        _ = _process.StandardError.ReadToEndAsync(_limit.Token);
        using var http = new HttpClient();
        JsonElement pages = await http.GetFromJsonAsync<JsonElement>($"http://{address}/json/list", _limit.Token);
        JsonElement page = pages.EnumerateArray().First(static target => target.GetProperty("type").GetString() == "page");
        await _socket.ConnectAsync(new Uri(page.GetProperty("webSocketDebuggerUrl").GetString()!), _limit.Token);
        // An empty page comes first, and is complete, too.
        while (await Evaluate("`${location.protocol} ${document.readyState}`") != "file: complete")
            await Task.Delay(20, _limit.Token);
    }

    private async Task<JsonElement> Call(string method, object parameters)
    {
        int id = ++_calls;
        byte[] message = JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters });
        await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, _limit.Token);
        while (true)
        {
            using var answer = new MemoryStream();
            byte[] buffer = new byte[1 << 16];
            WebSocketReceiveResult part;
            do
            {
                part = await _socket.ReceiveAsync(buffer, _limit.Token);
                answer.Write(buffer, 0, part.Count);
            }
            while (!part.EndOfMessage);

            // Events come in between; they have no number.
            JsonElement received = JsonSerializer.Deserialize<JsonElement>(answer.ToArray());
            if (!received.TryGetProperty("id", out JsonElement number) || number.GetInt32() != id)
                continue;
            return received.TryGetProperty("result", out JsonElement result) ? result : throw new InvalidOperationException($"{method}: {received}");
        }
    }

    [GeneratedRegex(@"DevTools listening on ws://([^/]+)/")]
    private static partial Regex Address();
}
