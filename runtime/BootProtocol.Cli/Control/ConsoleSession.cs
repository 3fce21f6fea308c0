using System.Text;
using BootProtocol.Xen;
using BootProtocol.Xen.Domains;
using BootProtocol.Xen.Rings;

namespace BootProtocol.Cli.Control;

/// <summary>A person, or a script, at the console of a domain: until the domain ends, or this process is interrupted.</summary>
internal sealed class ConsoleSession
{
    private const int PieceSize = 2048;

    /// <summary>How soon a domain's end or an interruption is noticed.</summary>
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(100);

    private readonly XenDomain _domain;
    private readonly DomainConsole _console;
    private readonly Lock _gate = new();
    private bool _isOver;
    private Exception? _failure;

    private ConsoleSession(XenDomain domain, DomainConsole console)
    {
        _domain = domain;
        _console = console;
    }

    /// <summary>Runs a session.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="place">Its console.</param>
    /// <param name="output">Where what it writes goes.</param>
    /// <exception cref="ToolException">The domain has broken its console.</exception>
    /// <exception cref="XenException">Xen refused a step.</exception>
    public static void Run(XenDomain domain, RingPlace place, ToolConsole output)
    {
        using var interruption = new Interruption();
        using DomainConsole console = DomainConsole.Open(domain, place.Frame, place.Port);
        var session = new ConsoleSession(domain, console);
        try
        {
            session.Run(output.Output, interruption.Token);
        }
        catch (BootFormatException exception)
        {
            throw new ToolException(ExitCode.BadInput, $"domain {domain.Id}: {exception.Message}");
        }
    }

    private void Run(TextWriter output, CancellationToken interruption)
    {
        // It may be waiting for a key when the session ends, which nothing but the process's end can stop: it holds nothing up, and does
        // not touch the ring any more once the session is over.
        new Thread(PassInput) { IsBackground = true }.Start();
        try
        {
            PassOutput(output, interruption);
        }
        finally
        {
            lock (_gate)
                _isOver = true;
        }
    }

    private void PassOutput(TextWriter output, CancellationToken interruption)
    {
        Decoder decoder = Encoding.UTF8.GetDecoder();
        byte[] bytes = new byte[PieceSize];
        char[] characters = new char[Encoding.UTF8.GetMaxCharCount(PieceSize)];
        bool isOver = false;
        while (!isOver && !interruption.IsCancellationRequested)
        {
            // Whatever it wrote before its end is read after the end was seen.
            isOver = !_console.Wait(_tick) && _domain.HasEnded();
            while (!interruption.IsCancellationRequested && _console.Read(bytes) is > 0 and var count)
                output.Write(characters, 0, decoder.GetChars(bytes, 0, count, characters, 0));
            output.Flush();
            lock (_gate)
            {
                if (_failure is not null)
                    throw _failure;
            }
        }
    }

    private void PassInput()
    {
        using Stream input = Console.OpenStandardInput();
        byte[] bytes = new byte[PieceSize];
        while (input.Read(bytes) is > 0 and var count)
        {
            for (int at = 0; at < count;)
            {
                if (TryWrite(bytes.AsSpan(at, count - at)) is not { } done)
                    return;
                at += done;
                if (done == 0)
                    Thread.Sleep(_tick);
            }
        }
    }

    /// <summary>Gives the domain something to read: as many bytes as it has room for, or null once the session is over.</summary>
    private int? TryWrite(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            try
            {
                return _isOver ? null : _console.Write(bytes);
            }
            catch (Exception exception) when (exception is XenException or BootFormatException)
            {
                _failure = exception;
                _isOver = true;
                return null;
            }
        }
    }
}
