using BootProtocol.Xen;
using BootProtocol.Xen.Domains;

namespace BootProtocol.Cli.Control;

/// <summary>What is done with a domain, by the way in which its guest has ended.</summary>
/// <param name="PowerOff">It has switched itself off.</param>
/// <param name="Reboot">It wants to be started again.</param>
/// <param name="Crash">It has crashed.</param>
internal sealed record EndActions(EndAction PowerOff, EndAction Reboot, EndAction Crash)
{
    /// <summary>Nobody waits for the end.</summary>
    public static EndActions None { get; } = new(EndAction.None, EndAction.None, EndAction.None);

    /// <summary>Whether somebody has to wait for the end.</summary>
    public bool IsAny => this != None;

    /// <summary>What is to be done now: nothing with a domain that has not ended, or is there no longer.</summary>
    public EndAction Of(XenDomain domain)
    {
        try
        {
            return domain.GetInfo().ShutdownReason switch
            {
                ShutdownReason.PowerOff => PowerOff,
                ShutdownReason.Reboot => Reboot,
                ShutdownReason.Crash => Crash,
                _ => EndAction.None,
            };
        }
        catch (XenException gone) when (gone.Error == XenError.NoSuchDomain)
        {
            return EndAction.None;
        }
    }
}
