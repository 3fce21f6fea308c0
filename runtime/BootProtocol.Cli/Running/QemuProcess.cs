using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using BootProtocol.Output;

namespace BootProtocol.Cli.Running;

/// <summary>Runs QEMU on this terminal until it ends, or somebody or the time ends it.</summary>
internal sealed class QemuProcess : IDisposable
{
    /// <summary>The status that the shell command <c>timeout</c> has for it.</summary>
    public const int TimedOut = 124;

    /// <summary>What becomes of the 0 that the hypervisor's stand-in writes to port 0x501.</summary>
    private const int GaveUp = 1;

    /// <summary>128 and the number of SIGABRT; no number that a guest writes becomes an even one.</summary>
    private const int Aborted = 128 + 6;

    private const string Program = "qemu-system-x86_64";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private readonly Process _process;

    private QemuProcess(Process process) => _process = process;

    /// <summary>Runs a machine.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="folder">A folder for files of the line to it.</param>
    /// <param name="timeout">How long it may run; null for ever.</param>
    /// <param name="interruption">Ends it.</param>
    /// <param name="console">Where a line about a guest that reset itself goes.</param>
    /// <returns>QEMU's exit status, or that of an interruption.</returns>
    /// <exception cref="ToolException">QEMU is not there, or broke down; the guest died, or did not end in time.</exception>
    public static int Run(QemuMachine machine, string folder, TimeSpan? timeout, Interruption interruption, ToolConsole console)
    {
        // Until the machine has ended, a signal is no reason to leave files behind or a terminal that shows no input.
        using var control = QemuControl.TryCreate(folder, machine.More, machine.IsEmulated);
        using QemuProcess process = Start(machine, control);
        using CancellationTokenRegistration registration = interruption.Token.Register(process.End);
        Task<GuestEnd?>? watch = control?.WatchAsync();
        int exitCode = process.WaitForExit(timeout);
        control?.Stop();
        GuestEnd? end = watch?.GetAwaiter().GetResult();
        if (interruption.Token.IsCancellationRequested)
            return interruption.ExitCode;

        // A guest that gave its exit status by a device has ended by that: newer versions of QEMU let its processor run on for a moment.
        bool gaveStatus = end?.Reason == GuestEnd.Reset && exitCode != 0;
        if (!gaveStatus && end?.Judge(control!.HasTripleFault()) is { } line)
            console.Error.Write($"note: {line}\n");
        if (machine.HasHypervisorStub && exitCode == GaveUp && control?.HasAnswered == true)
            throw new ToolException(ExitCode.BadInput, "the domain crashed: its last line says by which exception and where");
        if (exitCode == Aborted)
            throw new ToolException(ExitCode.BadInput, $"{Program} broke down; what it wrote says why");
        return exitCode;
    }

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();

    private static QemuProcess Start(QemuMachine machine, QemuControl? control)
    {
        try
        {
            string path = ProgramFile.Find(Program) ?? throw new Win32Exception();
            return new QemuProcess(Process.Start(new ProcessStartInfo(path, machine.Arguments(control)))!);
        }
        catch (Win32Exception)
        {
            throw new ToolException(
                ExitCode.Missing, $"{Program} is not on this machine; on Debian and Ubuntu: apt-get install qemu-system-x86");
        }
    }

    private int WaitForExit(TimeSpan? timeout)
    {
        bool isOver = _process.WaitForExit(timeout ?? Timeout.InfiniteTimeSpan);
        if (isOver)
            return _process.ExitCode;
        End();
        throw new ToolException(
            TimedOut, string.Create(CultureInfo.InvariantCulture, $"the guest did not end within {timeout!.Value.TotalSeconds} s"));
    }

    /// <summary>Asks QEMU to end, so that it puts the terminal back to where it was; if it does not, ends it.</summary>
    private void End()
    {
        Signals.Terminate(_process);
        if (_process.WaitForExit(_patience))
            return;
        _process.Kill();
        _process.WaitForExit();
    }
}
