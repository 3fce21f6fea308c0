using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using StreamJsonRpc;

namespace BootProtocol.Runtime.Tests.Cli.LanguageServer;

/// <summary>The tool as an editor starts it, at the other end of another implementation of JSON-RPC.</summary>
internal sealed class ServerProcess : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly JsonRpc _rpc;
    private readonly BlockingCollection<JsonElement> _published = [];
    private readonly BlockingCollection<JsonElement> _registered = [];

    public ServerProcess()
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "bootproto"), ["language-server"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _rpc = new JsonRpc(new HeaderDelimitedMessageHandler(
            _process.StandardInput.BaseStream, _process.StandardOutput.BaseStream, new SystemTextJsonFormatter()));
        _rpc.AddLocalRpcTarget(this);
        _rpc.StartListening();
    }

    [JsonRpcMethod("textDocument/publishDiagnostics", UseSingleObjectParameterDeserialization = true)]
    public void Publish(JsonElement parameters) => _published.Add(parameters);

    [JsonRpcMethod("client/registerCapability", UseSingleObjectParameterDeserialization = true)]
    public void Register(JsonElement parameters) => _registered.Add(parameters);

    /// <summary>Asks something, and waits for the answer.</summary>
    public JsonElement Ask(string method, object? parameters = null) =>
        _rpc.InvokeWithParameterObjectAsync<JsonElement>(method, parameters).WaitAsync(_patience).GetAwaiter().GetResult();

    /// <summary>Says something that has no answer.</summary>
    public void Notify(string method, object? parameters = null) =>
        _rpc.NotifyWithParameterObjectAsync(method, parameters).WaitAsync(_patience).GetAwaiter().GetResult();

    /// <summary>Waits for the next state of a document that is published.</summary>
    public JsonElement Published()
    {
        Assert.True(_published.TryTake(out JsonElement state, _patience), "Nothing was published.");
        return state;
    }

    /// <summary>Waits for the server to ask for something that the editor is to do.</summary>
    public JsonElement Registered()
    {
        Assert.True(_registered.TryTake(out JsonElement registration, _patience), "Nothing was registered.");
        return registration;
    }

    /// <summary>Waits for the process to end.</summary>
    public (int ExitCode, string Errors) Ended()
    {
        string errors = _process.StandardError.ReadToEnd();
        Assert.True(_process.WaitForExit(_patience), "The server does not end.");
        return (_process.ExitCode, errors);
    }

    /// <summary>Ends the input, as an editor does that is gone.</summary>
    public void Hang() => _process.StandardInput.Close();

    public void Dispose()
    {
        _rpc.Dispose();
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
        _published.Dispose();
        _registered.Dispose();
    }
}
