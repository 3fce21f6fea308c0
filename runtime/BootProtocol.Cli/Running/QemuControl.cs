using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace BootProtocol.Cli.Running;

/// <summary>
/// A line to a running QEMU (its machine protocol, QMP), over which it says why the guest ended: the machine stops there, shows its
/// processor, and is ended then.
/// </summary>
/// <remarks>Source: QEMU's docs/interop/qmp-spec and qapi/run-state.json; the same from 7.2 on.</remarks>
internal sealed class QemuControl : IDisposable
{
    /// <summary>The longest path of a socket is 107 bytes and a NUL (sockaddr_un).</summary>
    private const int MaximumPath = 107;

    private const string Identity = "bootproto-control";

    /// <summary>What a person writes who decides about the guest's beginning or end, or has QEMU go on without this process.</summary>
    private static readonly string[] _ownEnds = ["action", "no-shutdown", "daemonize", "incoming", "preconfig"];

    private readonly CancellationTokenSource _over = new();
    private readonly Socket _listener;
    private readonly string _path;
    private readonly string? _log;
    private readonly bool _isStartedBySomebody;
    private volatile bool _hasAnswered;

    private QemuControl(string path, string? log, bool isStartedBySomebody)
    {
        _path = path;
        _log = log;
        _isStartedBySomebody = isStartedBySomebody;
        _listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(1);
    }

    /// <summary>Whether QEMU came as far as to answer.</summary>
    public bool HasAnswered => _hasAnswered;

    /// <summary>
    /// The arguments by which QEMU calls here, waits until it is told to start the guest, as a guest that ends before that is not told of,
    /// and waits again when the guest ends.
    /// </summary>
    public IReadOnlyList<string> Arguments =>
    [
        "-chardev", $"socket,id={Identity},path={_path.Replace(",", ",,", StringComparison.Ordinal)}",
        "-qmp", $"chardev:{Identity}",
        "-action", "reboot=shutdown,shutdown=pause",
        "-S",
        .. _log is null ? Array.Empty<string>() : ["-d", "cpu_reset", "-D", _log],
    ];

    /// <summary>Makes the line; null where it cannot be, or a person's own arguments say what happens at the end.</summary>
    /// <param name="folder">A folder for its files.</param>
    /// <param name="more">The person's arguments.</param>
    /// <param name="isEmulated">Whether QEMU itself executes the guest, and can note a triple fault.</param>
    public static QemuControl? TryCreate(string folder, IReadOnlyList<string> more, bool isEmulated)
    {
        string path = Path.Combine(folder, "control");
        if (Encoding.UTF8.GetByteCount(path) > MaximumPath || _ownEnds.Any(name => Has(more, name)))
            return null;
        bool hasLog = isEmulated && !Has(more, "d") && !Has(more, "D");
        return new QemuControl(path, hasLog ? Path.Combine(folder, "log") : null, Has(more, "S"));
    }

    /// <summary>Waits for the guest's end.</summary>
    /// <returns>How it ended; null if QEMU ended in another way.</returns>
    public async Task<GuestEnd?> WatchAsync()
    {
        try
        {
            using Socket socket = await _listener.AcceptAsync(_over.Token).ConfigureAwait(false);
            using var session = new QemuSession(new NetworkStream(socket));
            await session.OpenAsync(!_isStartedBySomebody).ConfigureAwait(false);
            _hasAnswered = true;
            return await session.WaitForEndAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Ends the waiting for a QEMU that has ended before it called.</summary>
    public void Stop()
    {
        if (!_listener.Poll(0, SelectMode.SelectRead))
            _over.Cancel();
    }

    /// <summary>What QEMU noted of a processor that could handle nothing more; null where it takes no notes.</summary>
    public bool? HasTripleFault()
    {
        try
        {
            return _log is null ? null : File.ReadAllText(_log).Contains("Triple fault", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Dispose();
        _over.Dispose();
    }

    private static bool Has(IReadOnlyList<string> arguments, string name) =>
        arguments.Any(argument => argument == "-" + name || argument == "--" + name);
}
