using System.Diagnostics;
using System.Runtime.InteropServices;

namespace BootProtocol.Cli.Running;

/// <summary>Signals to processes that this one started.</summary>
internal static class Signals
{
    private const int Termination = 15;

    /// <summary>Asks a process to end. One that has ended is left alone.</summary>
    public static void Terminate(Process process)
    {
        if (process.HasExited)
            return;
        if (OperatingSystem.IsWindows())
            process.Kill();
        else
            _ = Send(process.Id, Termination);
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Send(int process, int signal);
}
