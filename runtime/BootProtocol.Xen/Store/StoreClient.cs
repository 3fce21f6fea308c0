using System.Globalization;
using System.Net.Sockets;

namespace BootProtocol.Xen.Store;

/// <summary>A connection to the xenstored of this machine, through its socket.</summary>
/// <remarks>Source: Xen's docs/misc/xenstore.txt and public header io/xs_wire.h.</remarks>
/// <example><code>
/// using StoreClient? store = StoreClient.TryConnect();
/// Console.WriteLine(store?.Read($"{StoreClient.PathOf(0)}/name") ?? "no xenstored");
/// </code></example>
public sealed class StoreClient : IDisposable
{
    /// <summary>Bytes that a message may have behind its head.</summary>
    internal const int MostBytes = 4096;

    private static readonly string[] _sockets = ["/run/xenstored/socket", "/var/run/xenstored/socket"];
    private readonly Stream _stream;
    private readonly Func<TimeSpan, bool> _canRead;
    private uint _lastRequest;
    private uint _lastWatch;
    private int _events;
    private int _isDisposed;

    /// <summary>Takes a stream to a server over.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="canRead">Waits until there is something to read, no longer than that; whether there is.</param>
    internal StoreClient(Stream stream, Func<TimeSpan, bool> canRead)
    {
        _stream = stream;
        _canRead = canRead;
    }

    /// <summary>Connects; null if no xenstored runs here.</summary>
    /// <exception cref="XenException">One runs, and cannot be talked to.</exception>
    public static StoreClient? TryConnect()
    {
        if (Array.Find(_sockets, File.Exists) is not { } path)
            return null;
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return new StoreClient(new NetworkStream(socket, ownsSocket: true), timeout => socket.Poll(timeout, SelectMode.SelectRead));
        }
        catch (SocketException refused)
        {
            socket.Dispose();

            // The socket of one that ended stays.
            return refused.SocketErrorCode == SocketError.ConnectionRefused
                ? null
                : throw new XenException($"connect to xenstored at {path}", XenError.None, refused.Message, refused);
        }
    }

    /// <summary>Where a domain's part of xenstore is, such as <c>/local/domain/1</c>.</summary>
    /// <param name="domain">The domain's number.</param>
    public static string PathOf(ushort domain) => $"/local/domain/{Number(domain)}";

    /// <summary>Reads a value; null if there is no such path.</summary>
    /// <param name="path">The path, such as <c>/local/domain/1/name</c>.</param>
    /// <exception cref="XenException">It refused, or the connection is gone.</exception>
    public string? Read(string path)
    {
        StoreAnswer answer = Live.Ask(StoreMessageType.Read, StoreText.Join(path));
        return answer.Error == XenError.NotFound ? null : System.Text.Encoding.UTF8.GetString(answer.Require($"read {path} in xenstore"));
    }

    /// <summary>Writes a value.</summary>
    /// <param name="path">The path; it is made if it is not there.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="XenException">It refused, or the connection is gone.</exception>
    public void Write(string path, string value)
    {
        StoreClient live = Live;
        byte[] text = StoreText.Join(path, value);
        live.Ask(StoreMessageType.Write, text.AsSpan(0, text.Length - 1)).Require($"write {path} in xenstore");
    }

    /// <summary>Removes a path and what is under it; nothing happens if there is none.</summary>
    /// <exception cref="XenException">It refused, or the connection is gone.</exception>
    public void Remove(string path)
    {
        StoreAnswer answer = Live.Ask(StoreMessageType.Remove, StoreText.Join(path));
        if (answer.Error != XenError.NotFound)
            answer.Require($"remove {path} in xenstore");
    }

    /// <summary>Sets who may read a path: its owner is the control domain.</summary>
    /// <param name="path">The path.</param>
    /// <param name="reader">The domain that may read it.</param>
    /// <exception cref="XenException">It refused, or the connection is gone.</exception>
    public void LetRead(string path, ushort reader) => Live.Ask(
        StoreMessageType.SetPermissions, StoreText.Join(path, "n0", string.Create(CultureInfo.InvariantCulture, $"r{reader}")))
        .Require($"set the permissions of {path} in xenstore");

    /// <summary>Makes a domain the owner of a path, who alone may read and write it beside the control domain.</summary>
    /// <param name="path">The path.</param>
    /// <param name="owner">The domain.</param>
    /// <exception cref="XenException">It refused, or the connection is gone.</exception>
    public void Give(string path, ushort owner) => Live.Ask(
        StoreMessageType.SetPermissions, StoreText.Join(path, string.Create(CultureInfo.InvariantCulture, $"n{owner}")))
        .Require($"set the permissions of {path} in xenstore");

    /// <summary>Makes a domain the owner of a path, who may write it, and which one other domain may read.</summary>
    /// <param name="path">The path.</param>
    /// <param name="owner">The domain.</param>
    /// <param name="reader">The other one.</param>
    /// <exception cref="XenException">It refused, or the connection is gone.</exception>
    public void Give(string path, ushort owner, ushort reader) => Live.Ask(
        StoreMessageType.SetPermissions,
        StoreText.Join(path, string.Create(CultureInfo.InvariantCulture, $"n{owner}"), string.Create(CultureInfo.InvariantCulture, $"r{reader}")))
        .Require($"set the permissions of {path} in xenstore");

    /// <summary>Lists what is directly under a path; nothing if there is no such path.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="XenException">It refused, or the connection is gone.</exception>
    public IReadOnlyList<string> List(string path)
    {
        StoreAnswer answer = Live.Ask(StoreMessageType.Directory, StoreText.Join(path));
        return answer.Error == XenError.NotFound ? [] : StoreText.Split(answer.Require($"list {path} in xenstore"));
    }

    /// <summary>Watches a path, or <c>@releaseDomain</c>: the end of a domain that is served. <see cref="WaitForEvent"/> hears of it.</summary>
    /// <param name="path">The path. There is an event at once, and then one for each change.</param>
    /// <exception cref="XenException">It refused, or the connection is gone.</exception>
    public void Watch(string path) => Live.Ask(StoreMessageType.Watch, StoreText.Join(path, Number(++_lastWatch)))
        .Require($"watch {path} in xenstore");

    /// <summary>Waits for an event of a watch, and takes it.</summary>
    /// <param name="timeout">The longest wait; zero looks only.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="XenException">The connection is gone.</exception>
    public bool WaitForEvent(TimeSpan timeout)
    {
        StoreClient live = Live;
        try
        {
            if (live._events == 0 && live._canRead(timeout))
                live.ReceiveEvent();
        }
        catch (IOException gone)
        {
            throw Gone(gone);
        }

        if (live._events == 0)
            return false;
        live._events--;
        return true;
    }

    /// <summary>Whether it serves a domain.</summary>
    /// <param name="domain">The domain's number.</param>
    /// <exception cref="XenException">It refused, or the connection is gone.</exception>
    public bool IsServed(ushort domain) => StoreText.First(
        Live.Ask(StoreMessageType.IsDomainIntroduced, StoreText.Join(Number(domain))).Require("ask xenstored for the domain")) == "T";

    /// <summary>Has it serve a domain.</summary>
    /// <param name="domain">The domain's number.</param>
    /// <param name="frame">The machine frame of its ring page, which has to be granted by entry 1 of its grant table.</param>
    /// <param name="port">The domain's event channel port for it.</param>
    /// <exception cref="XenException">It refused, or the connection is gone.</exception>
    public void Introduce(ushort domain, Mfn frame, uint port) => Live.Ask(
        StoreMessageType.Introduce,
        StoreText.Join(Number(domain), Number(frame.Value), Number(port))).Require("introduce the domain to xenstored");

    /// <summary>Has it serve a domain no longer; nothing happens if it does not.</summary>
    /// <exception cref="XenException">It refused, or the connection is gone.</exception>
    public void Release(ushort domain)
    {
        StoreAnswer answer = Live.Ask(StoreMessageType.Release, StoreText.Join(Number(domain)));
        if (answer.Error is not (XenError.NotFound or XenError.Invalid))
            answer.Require("release the domain from xenstored");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            _stream.Dispose();
    }

    private StoreClient Live
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
            return this;
        }
    }

    private static string Number(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    private StoreAnswer Ask(StoreMessageType kind, ReadOnlySpan<byte> payload)
    {
        if (payload.Length > MostBytes)
            throw new XenException("ask xenstored", XenError.TooBig);
        byte[] message = new byte[StoreMessage.Layout.Size + payload.Length];
        StoreMessage.Writer head = StoreMessage.Create(message);
        head.Kind = kind;
        head.RequestId = ++_lastRequest;
        head.Length = (uint)payload.Length;
        payload.CopyTo(message.AsSpan(StoreMessage.Layout.Size));
        try
        {
            _stream.Write(message);
            return Receive(kind);
        }
        catch (IOException gone)
        {
            throw Gone(gone);
        }
    }

    private StoreAnswer Receive(StoreMessageType kind)
    {
        byte[] payload = ReceiveMessage(out StoreMessage head);
        while (head.Kind == StoreMessageType.WatchEvent)
        {
            _events++;
            payload = ReceiveMessage(out head);
        }

        if (head.RequestId != _lastRequest || (head.Kind != kind && head.Kind != StoreMessageType.Error))
            throw new IOException("it answered something else than what it was asked");
        return head.Kind == StoreMessageType.Error
            ? new StoreAnswer(XenException.Parse(StoreText.First(payload)), [])
            : new StoreAnswer(XenError.None, payload);
    }

    private void ReceiveEvent()
    {
        ReceiveMessage(out StoreMessage head);
        if (head.Kind != StoreMessageType.WatchEvent)
            throw new IOException("it answered what it was not asked");
        _events++;
    }

    private byte[] ReceiveMessage(out StoreMessage head)
    {
        byte[] bytes = new byte[StoreMessage.Layout.Size];
        _stream.ReadExactly(bytes);
        head = StoreMessage.Parse(bytes);
        if (head.Length > MostBytes)
            throw new IOException("it answered with too long a message");
        byte[] payload = new byte[head.Length];
        _stream.ReadExactly(payload);
        return payload;
    }

    private static XenException Gone(IOException gone) => new("talk to xenstored", XenError.None, gone.Message, gone);
}
