using System.Runtime.InteropServices;

namespace BootProtocol.Cli.Control;

/// <summary>
/// Turns Ctrl-C, a terminal that is closed, and the signal that asks a process to end into a token, as long as it is not disposed.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private static readonly PosixSignal[] _signals = [PosixSignal.SIGINT, PosixSignal.SIGHUP, PosixSignal.SIGTERM];

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Begins to listen.</summary>
    public Interruption() => _registrations = Array.ConvertAll(_signals, signal => PosixSignalRegistration.Create(signal, Stop));

    /// <summary>Is cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        _source.Cancel();
    }
}
