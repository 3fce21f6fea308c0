using System.Runtime.InteropServices;

namespace BootProtocol.Xen.Host;

/// <summary>libxencall: hypercalls. Functions return -1 or null where they fail, and set the error number.</summary>
internal static partial class CallLibrary
{
    /// <summary>The file name; its number stands for a stable interface.</summary>
    public const string Name = "libxencall.so.1";

    /// <summary>Opens the driver. Without a logger, errors go to standard error.</summary>
    [LibraryImport(Name, EntryPoint = "xencall_open", SetLastError = true)]
    public static partial nint Open(nint logger, uint flags);

    /// <summary>Closes the driver.</summary>
    [LibraryImport(Name, EntryPoint = "xencall_close", SetLastError = true)]
    public static partial int Close(nint handle);

    /// <summary>A hypercall with five arguments; the hypervisor ignores those that the hypercall does not have.</summary>
    [LibraryImport(Name, EntryPoint = "xencall5", SetLastError = true)]
    public static partial int Call(nint handle, uint number, ulong first, ulong second, ulong third, ulong fourth, ulong fifth);

    /// <summary>Takes memory for arguments.</summary>
    [LibraryImport(Name, EntryPoint = "xencall_alloc_buffer_pages", SetLastError = true)]
    public static partial nint Allocate(nint handle, nuint pages);

    /// <summary>Gives it back.</summary>
    [LibraryImport(Name, EntryPoint = "xencall_free_buffer_pages", SetLastError = true)]
    public static partial void Free(nint handle, nint memory, nuint pages);
}
