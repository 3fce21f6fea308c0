namespace BootProtocol.Xen;

/// <summary>There is no Xen to talk to: this is no control domain, or something of it is missing.</summary>
/// <example><code>
/// try
/// {
///     using Hypervisor xen = Hypervisor.Open();
///     Console.WriteLine(xen.Version);
/// }
/// catch (XenUnavailableException missing)
/// {
///     Console.WriteLine(missing.Message);
/// }
/// </code></example>
public sealed class XenUnavailableException : Exception
{
    /// <summary>Names what is missing.</summary>
    /// <param name="message">What is missing.</param>
    /// <param name="inner">What said so first, if anything.</param>
    public XenUnavailableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>A driver is there, and cannot be opened.</summary>
    internal static XenUnavailableException Refused(string driver, int error) =>
        new($"{driver} cannot be opened: {XenException.Spell((XenError)error)}");

    /// <summary>A library is not there.</summary>
    internal static XenUnavailableException NoLibraries(DllNotFoundException missing) => new(
        $"Xen's libraries {Host.CallLibrary.Name}, {Host.ForeignMemoryLibrary.Name} and {Host.EventChannelLibrary.Name} are needed "
        + "(in Debian: libxencall1, libxenforeignmemory1, libxenevtchn1)",
        missing);
}
