namespace BootProtocol.Cli.Control;

/// <summary>Standard input, for one session at a console after the other.</summary>
/// <remarks>
/// Its thread may be waiting for a key when a session ends, which nothing but the process's end can stop. It holds nothing up, and what it
/// reads then is for the next session: that of a domain which was built anew.
/// </remarks>
internal static class ConsoleInput
{
    private const int PieceSize = 2048;

    /// <summary>How soon a domain's console is tried again that was full, or the next session.</summary>
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(100);

    private static readonly Lock _gate = new();
    private static Writer? _writer;
    private static Thread? _thread;

    /// <summary>Takes what was read: as many bytes as there is room for, or null once the session is over.</summary>
    public delegate int? Writer(ReadOnlySpan<byte> bytes);

    /// <summary>Passes on what is read from now on.</summary>
    /// <param name="writer">Takes it, on another thread.</param>
    public static void Use(Writer writer)
    {
        lock (_gate)
        {
            _writer = writer;
            if (_thread is not null)
                return;
            _thread = new Thread(Pass) { IsBackground = true };
            _thread.Start();
        }
    }

    private static void Pass()
    {
        using Stream input = Console.OpenStandardInput();
        byte[] bytes = new byte[PieceSize];
        while (TryRead(input, bytes) is > 0 and var count)
        {
            for (int at = 0; at < count;)
            {
                int done = Current(bytes.AsSpan(at, count - at)) ?? 0;
                at += done;
                if (done == 0)
                    Thread.Sleep(_tick);
            }
        }
    }

    private static Writer Current
    {
        get
        {
            lock (_gate)
                return _writer!;
        }
    }

    /// <summary>Input that cannot be read, such as a terminal that was closed, is at its end.</summary>
    private static int TryRead(Stream input, byte[] bytes)
    {
        try
        {
            return input.Read(bytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
