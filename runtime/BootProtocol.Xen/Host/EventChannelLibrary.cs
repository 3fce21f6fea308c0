using System.Runtime.InteropServices;

namespace BootProtocol.Xen.Host;

/// <summary>libxenevtchn: event channels. Functions return -1 or null where they fail, and set the error number.</summary>
internal static partial class EventChannelLibrary
{
    /// <summary>The file name; its number stands for a stable interface.</summary>
    public const string Name = "libxenevtchn.so.1";

    /// <summary>Opens the driver.</summary>
    [LibraryImport(Name, EntryPoint = "xenevtchn_open", SetLastError = true)]
    public static partial nint Open(nint logger, uint flags);

    /// <summary>Closes the driver and its ports.</summary>
    [LibraryImport(Name, EntryPoint = "xenevtchn_close", SetLastError = true)]
    public static partial int Close(nint handle);

    /// <summary>The file that becomes readable when an event is there.</summary>
    [LibraryImport(Name, EntryPoint = "xenevtchn_fd", SetLastError = true)]
    public static partial int File(nint handle);

    /// <summary>Binds a port to one of another domain.</summary>
    [LibraryImport(Name, EntryPoint = "xenevtchn_bind_interdomain", SetLastError = true)]
    public static partial int Bind(nint handle, uint domain, uint remotePort);

    /// <summary>Raises an event.</summary>
    [LibraryImport(Name, EntryPoint = "xenevtchn_notify", SetLastError = true)]
    public static partial int Notify(nint handle, uint port);

    /// <summary>Takes the next event, waiting for it if there is none, and masks its port.</summary>
    [LibraryImport(Name, EntryPoint = "xenevtchn_pending", SetLastError = true)]
    public static partial int Pending(nint handle);

    /// <summary>Lets events come through a port again.</summary>
    [LibraryImport(Name, EntryPoint = "xenevtchn_unmask", SetLastError = true)]
    public static partial int Unmask(nint handle, uint port);
}
