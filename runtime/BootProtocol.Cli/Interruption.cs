using System.Runtime.InteropServices;

namespace BootProtocol.Cli;

/// <summary>
/// Turns Ctrl-C, a terminal that is closed, and the signal that asks a process to end into a token, while there is something that must not
/// be left behind. The first signal does so; a second one ends the process as ever.
/// </summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>To be added to a signal's number, as shells do.</summary>
    private const int ExitCodeBase = 128;

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private volatile int _number;

    private Interruption() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Stop(context, 1)),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, 2)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, 15)),
    ];

    /// <summary>Is cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>The exit code of a process that the signal has ended.</summary>
    public int ExitCode => ExitCodeBase + _number;

    /// <summary>Does something that a signal ends in good order.</summary>
    /// <param name="work">What; it ends with an <see cref="OperationCanceledException"/> if it was not done, and leaves nothing behind.</param>
    /// <exception cref="ToolException">It was not done.</exception>
    public static T During<T>(Func<Interruption, T> work)
    {
        using var interruption = new Interruption();
        try
        {
            return work(interruption);
        }
        catch (OperationCanceledException)
        {
            throw new ToolException(interruption.ExitCode, "interrupted; nothing is left behind");
        }
    }

    /// <inheritdoc cref="During{T}"/>
    public static void During(Action<Interruption> work) => During(interruption =>
    {
        work(interruption);
        return interruption;
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        // A signal may be on its way to the source, which holds nothing.
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
    }

    private void Stop(PosixSignalContext context, int number)
    {
        if (Interlocked.CompareExchange(ref _number, number, 0) != 0)
            return;
        context.Cancel = true;
        _source.Cancel();
    }
}
