using System.Text;
using BootProtocol.Xen;
using BootProtocol.Xen.Store;

namespace BootProtocol.Runtime.Tests.XenControl;

/// <summary>A pretended xenstored at the other end of a stream, that can refuse any request. Messages are read and written by hand.</summary>
internal sealed class FakeStore
{
    private readonly List<(string Path, string Token)> _watches = [];
    private int _requests;

    /// <summary>Values by path.</summary>
    public SortedDictionary<string, string> Values { get; } = new(StringComparer.Ordinal) { ["/local/domain/0/name"] = "Domain-0" };

    /// <summary>Permissions by path, where they were set.</summary>
    public Dictionary<string, string> Permissions { get; } = [];

    /// <summary>What was asked: the kind's number and the first text.</summary>
    public List<string> Log { get; } = [];

    /// <summary>Domains that are served.</summary>
    public HashSet<string> Served { get; } = [];

    /// <summary>The request to refuse, counted from 1; 0 refuses none.</summary>
    public int RefusedRequest { get; set; }

    /// <summary>Is called before each request is carried out.</summary>
    public Action<string>? OnRequest { get; set; }

    /// <summary>Connections that were not closed.</summary>
    public int Open { get; private set; }

    private Queue<byte> Answers { get; } = [];

    /// <summary>Opens a connection.</summary>
    public StoreClient Connect()
    {
        Open++;
        return new StoreClient(new Connection(this), _ => Answers.Count > 0);
    }

    /// <summary>Sets the watches of a path off.</summary>
    public void Raise(string path)
    {
        foreach ((string watched, string token) in _watches.Where(watch => watch.Path == path))
            Send(15, 0, $"{watched}\0{token}\0");
    }

    private void Answer(byte[] message)
    {
        uint kind = BitConverter.ToUInt32(message, 0);
        uint id = BitConverter.ToUInt32(message, 4);
        string[] texts = Encoding.UTF8.GetString(message.AsSpan(16)).Split('\0');
        Log.Add($"{kind} {texts[0]}");
        OnRequest?.Invoke(Log[^1]);
        string? answer = ++_requests == RefusedRequest ? null : Do(kind, texts);
        Send(answer?.StartsWith('!') == false ? kind : 16, id, answer is null ? "EIO\0" : answer.TrimStart('!'));
    }

    private string Do(uint kind, string[] texts)
    {
        string path = texts[0];
        switch (kind)
        {
            case 1:
                string[] names = [.. Under(path).Where(key => key != path).Select(key => key[(path.Length + 1)..].Split('/')[0]).Distinct()];
                return names.Length == 0 ? "!ENOENT\0" : string.Concat(names.Select(static name => name + "\0"));
            case 2:
                return Values.TryGetValue(path, out string? value) ? value : "!ENOENT\0";
            case 4:
                _watches.Add((path, texts[1]));
                Raise(path);
                return "OK\0";
            case 8:
                Served.Add(path);
                return "OK\0";
            case 11:
                Values[path] = texts[1];
                return "OK\0";
            case 13:
                string[] gone = [.. Under(path)];
                foreach (string key in gone)
                    Values.Remove(key);
                return gone.Length == 0 ? "!ENOENT\0" : "OK\0";
            case 14:
                Permissions[path] = string.Join(' ', texts[1..^1]);
                return Values.ContainsKey(path) ? "OK\0" : "!ENOENT\0";
            case 17:
                return Served.Contains(path) ? "T\0" : "F\0";
            default:
                return "!EINVAL\0";
        }
    }

    private IEnumerable<string> Under(string path) =>
        Values.Keys.Where(key => key == path || key.StartsWith(path + "/", StringComparison.Ordinal));

    private void Send(uint kind, uint id, string payload)
    {
        byte[] text = Encoding.UTF8.GetBytes(payload);
        byte[] message = [.. BitConverter.GetBytes(kind), .. BitConverter.GetBytes(id), 0, 0, 0, 0, .. BitConverter.GetBytes(text.Length), .. text];
        foreach (byte part in message)
            Answers.Enqueue(part);
    }

    /// <summary>One connection: each write is a request.</summary>
    private sealed class Connection(FakeStore store) : MemoryStream
    {
        private bool _isClosed;

        public override void Write(ReadOnlySpan<byte> buffer) => store.Answer(buffer.ToArray());

        public override int Read(Span<byte> buffer)
        {
            int count = 0;
            while (count < buffer.Length && store.Answers.TryDequeue(out byte next))
                buffer[count++] = next;
            return count;
        }

        protected override void Dispose(bool disposing)
        {
            if (!_isClosed)
                store.Open--;
            _isClosed = true;
            base.Dispose(disposing);
        }
    }
}
