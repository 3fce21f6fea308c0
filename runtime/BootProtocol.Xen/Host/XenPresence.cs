using System.Runtime.InteropServices;

namespace BootProtocol.Xen.Host;

/// <summary>Whether this is a control domain of Xen. Xen's libraries would say it less clearly, and on standard error.</summary>
internal static class XenPresence
{
    private static readonly string[] _drivers = ["/dev/xen/hypercall", "/dev/xen/privcmd"];

    /// <summary>Ends with what is missing.</summary>
    /// <exception cref="XenUnavailableException">This is no control domain of Xen, or its driver may not be opened.</exception>
    public static void Require()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            throw new XenUnavailableException("only a 64-bit x86 Linux can control Xen");
        string? driver = Array.Find(_drivers, File.Exists) ?? throw new XenUnavailableException(
            "this is no control domain of Xen: /dev/xen/privcmd is missing (is Xen running, and is the module xen-privcmd loaded?)");
        try
        {
            using FileStream file = new(driver, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        }
        catch (UnauthorizedAccessException)
        {
            throw new XenUnavailableException($"{driver} may not be opened: only root can control Xen");
        }
        catch (IOException exception)
        {
            throw new XenUnavailableException($"{driver} cannot be opened: {exception.Message}", exception);
        }
    }
}
