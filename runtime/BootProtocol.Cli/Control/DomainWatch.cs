using System.Runtime.InteropServices;
using BootProtocol.Xen;
using BootProtocol.Xen.Domains;

namespace BootProtocol.Cli.Control;

/// <summary>Notices the end of a domain.</summary>
internal static class DomainWatch
{
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether a domain has shut down, or is there no longer.</summary>
    public static bool HasEnded(XenDomain domain)
    {
        try
        {
            return (domain.GetInfo().State & (DomainState.Dying | DomainState.Shutdown)) != 0;
        }
        catch (XenException gone) when (gone.Error == XenError.NoSuchDomain)
        {
            return true;
        }
    }

    /// <summary>Waits until a domain has ended, or this process is interrupted.</summary>
    public static void WaitForEnd(XenDomain domain)
    {
        using var interrupted = new ManualResetEventSlim();
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            interrupted.Set();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        bool isOver = false;
        while (!isOver)
            isOver = HasEnded(domain) || interrupted.Wait(_tick);
    }
}
