using System.Runtime.InteropServices;

namespace BootProtocol.Cli.Running;

/// <summary>
/// A terminal at standard input that hands every key over as it is typed, Ctrl-C too. It gets its mode back on disposal, with the first signal,
/// when the process ends, and while the process is stopped.
/// </summary>
internal sealed class RawTerminal : IDisposable
{
    private const int StandardInput = 0;
    private const int Now = 0; // TCSANOW
    private const int StateSize = 256; // more than struct termios has
    private const int OutputFlags = 4; // offset of c_oflag
    private const byte ProcessOutput = 1; // OPOST: line feeds of this tool's own lines still start a new line

    private readonly byte[] _old;
    private readonly byte[] _raw;
    private readonly PosixSignalRegistration[] _signals;
    private readonly Lock _gate = new();
    private bool _isOver;

    private RawTerminal(byte[] old, Action quit)
    {
        _old = old;
        _raw = (byte[])old.Clone();
        MakeRaw(ref _raw[0]);
        _raw[OutputFlags] |= ProcessOutput;
        _ = Set(StandardInput, Now, ref _raw[0]);
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        _signals = OperatingSystem.IsWindows() ? [] :
        [
            PosixSignalRegistration.Create(PosixSignal.SIGQUIT, context => Quit(context, quit)),
            PosixSignalRegistration.Create(PosixSignal.SIGTSTP, _ => Apply(_old)),
            PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => Apply(_raw)),
        ];
    }

    /// <summary>Takes the terminal; null if standard input is none.</summary>
    /// <param name="quit">What SIGQUIT does; the mode is given back before.</param>
    public static RawTerminal? TryTake(Action quit)
    {
        byte[] state = new byte[StateSize];
        return OperatingSystem.IsLinux() && Get(StandardInput, ref state[0]) == 0 ? new RawTerminal(state, quit) : null;
    }

    /// <summary>Gives the terminal its mode back, for good. Any thread may do so, also twice.</summary>
    public void Restore()
    {
        lock (_gate)
        {
            if (!_isOver)
                _ = Set(StandardInput, Now, ref _old[0]);
            _isOver = true;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Restore();
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        foreach (PosixSignalRegistration signal in _signals)
            signal.Dispose();
    }

    private void Quit(PosixSignalContext context, Action quit)
    {
        context.Cancel = true;
        Restore();
        quit();
    }

    private void OnExit(object? sender, EventArgs arguments) => Restore();

    private void Apply(byte[] state)
    {
        lock (_gate)
        {
            if (!_isOver)
                _ = Set(StandardInput, Now, ref state[0]);
        }
    }

    [DllImport("libc", EntryPoint = "tcgetattr")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Get(int descriptor, ref byte state);

    [DllImport("libc", EntryPoint = "tcsetattr")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Set(int descriptor, int when, ref byte state);

    [DllImport("libc", EntryPoint = "cfmakeraw")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void MakeRaw(ref byte state);
}
