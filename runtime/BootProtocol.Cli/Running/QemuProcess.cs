using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace BootProtocol.Cli.Running;

/// <summary>Runs QEMU on this terminal until it ends, or somebody or the time ends it.</summary>
internal sealed class QemuProcess : IDisposable
{
    /// <summary>The status that the shell command <c>timeout</c> has for it.</summary>
    public const int TimedOut = 124;

    private const string Program = "qemu-system-x86_64";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private readonly Process _process;

    private QemuProcess(Process process) => _process = process;

    /// <summary>Runs a machine.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="timeout">How long it may run; null for ever.</param>
    /// <param name="interruption">Ends it.</param>
    /// <returns>QEMU's exit status, <see cref="TimedOut"/>, or that of an interruption.</returns>
    /// <exception cref="ToolException">QEMU is not there.</exception>
    public static int Run(QemuMachine machine, TimeSpan? timeout, Interruption interruption)
    {
        // Until the machine has ended, a signal is no reason to leave files behind or a terminal that shows no input.
        using QemuProcess process = Start(machine);
        using CancellationTokenRegistration registration = interruption.Token.Register(process.End);
        int exitCode = process.WaitForExit(timeout);
        return interruption.Token.IsCancellationRequested ? interruption.ExitCode : exitCode;
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
