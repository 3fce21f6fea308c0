using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace BootProtocol.Cli.Running;

/// <summary>Runs QEMU on this terminal until it ends, or somebody or the time ends it.</summary>
internal sealed class QemuProcess : IDisposable
{
    /// <summary>The status that the shell command <c>timeout</c> has for it.</summary>
    public const int TimedOut = 124;

    /// <summary>To be added to a signal's number, as shells do.</summary>
    private const int SignalBase = 128;

    private const string Program = "qemu-system-x86_64";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private int? _signal;

    private QemuProcess(Process process) => _process = process;

    /// <summary>Runs a machine.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="timeout">How long it may run; null for ever.</param>
    /// <returns>QEMU's exit status, <see cref="TimedOut"/>, or 128 and the number of the signal that ended it.</returns>
    /// <exception cref="ToolException">QEMU is not there.</exception>
    public static int Run(QemuMachine machine, TimeSpan? timeout)
    {
        // Until the machine has ended, a signal is no reason to leave files behind or a terminal that shows no input.
        QemuProcess? running = null;
        int? early = null;
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, 2));
        using var termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, 15));
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Stop(context, 1));
        using QemuProcess process = Start(machine);
        Volatile.Write(ref running, process);
        if (early is { } signal)
            process.Stop(signal);
        return process.WaitForExit(timeout);

        void Stop(PosixSignalContext context, int number)
        {
            context.Cancel = true;
            early = number;
            Volatile.Read(ref running)?.Stop(number);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();

    private static QemuProcess Start(QemuMachine machine)
    {
        try
        {
            return new QemuProcess(Process.Start(new ProcessStartInfo(Program, machine.Arguments))!);
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
        if (!isOver)
            End();
        if (_signal is { } signal)
            return SignalBase + signal;
        return isOver
            ? _process.ExitCode
            : throw new ToolException(
                TimedOut, string.Create(CultureInfo.InvariantCulture, $"the guest did not end within {timeout!.Value.TotalSeconds} s"));
    }

    private void Stop(int signal)
    {
        _signal = signal;
        End();
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
