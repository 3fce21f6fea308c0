using System.Text;
using BootProtocol.Xen;
using BootProtocol.Xen.Domains;
using BootProtocol.Xen.Rings;
using BootProtocol.Xen.Store;

namespace BootProtocol.Cli.Control;

/// <summary>A person, or a script, at the console of a domain: until the domain ends, or this process is interrupted.</summary>
internal sealed class ConsoleSession : IDisposable
{
    private const int PieceSize = 2048;

    /// <summary>How soon an interruption is noticed.</summary>
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(100);

    private readonly XenDomain _domain;
    private readonly DomainConsole _console;
    private readonly DomainEnd _end;
    private readonly Lock _gate = new();
    private bool _isOver;
    private Exception? _failure;

    private ConsoleSession(XenDomain domain, DomainConsole console, DomainEnd end)
    {
        _domain = domain;
        _console = console;
        _end = end;
    }

    /// <summary>Takes the console of a domain.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="place">Its console.</param>
    /// <exception cref="XenException">Xen refused a step, or another program has it.</exception>
    public static ConsoleSession Open(XenDomain domain, RingPlace place)
    {
        DomainConsole console = DomainConsole.Open(domain, place.Frame, place.Port);
        try
        {
            return new ConsoleSession(domain, console, DomainEnd.Open(domain));
        }
        catch
        {
            console.Dispose();
            throw;
        }
    }

    /// <summary>Runs the session.</summary>
    /// <param name="output">Where what the domain writes goes.</param>
    /// <param name="interruption">Ends the session; the domain is left as it is.</param>
    /// <exception cref="ToolException">The domain has broken its console.</exception>
    /// <exception cref="XenException">Xen refused a step.</exception>
    public void Run(TextWriter output, CancellationToken interruption)
    {
        ConsoleInput.Use(TryWrite);
        try
        {
            PassOutput(output, interruption);
        }
        catch (BootFormatException exception)
        {
            throw new ToolException(ExitCode.BadInput, $"domain {_domain.Id}: {exception.Message}");
        }
        finally
        {
            lock (_gate)
                _isOver = true;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Dispose();
        _console.Dispose();
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
            isOver = !_console.Wait(_tick) && _end.HasCome();
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
