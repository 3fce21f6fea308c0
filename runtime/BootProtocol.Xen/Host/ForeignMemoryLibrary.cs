using System.Runtime.InteropServices;

namespace BootProtocol.Xen.Host;

/// <summary>libxenforeignmemory: memory of other domains. Functions return -1 or null where they fail, and set the error number.</summary>
internal static unsafe partial class ForeignMemoryLibrary
{
    /// <summary>The file name; its number stands for a stable interface.</summary>
    public const string Name = "libxenforeignmemory.so.1";

    /// <summary>Opens the driver. Without a logger, errors go to standard error.</summary>
    [LibraryImport(Name, EntryPoint = "xenforeignmemory_open", SetLastError = true)]
    public static partial nint Open(nint logger, uint flags);

    /// <summary>Closes the driver.</summary>
    [LibraryImport(Name, EntryPoint = "xenforeignmemory_close", SetLastError = true)]
    public static partial int Close(nint handle);

    /// <summary>Maps frames. Without a place for the error of each frame, one that cannot be mapped fails the whole.</summary>
    [LibraryImport(Name, EntryPoint = "xenforeignmemory_map", SetLastError = true)]
    public static partial nint Map(nint handle, uint domain, int protection, nuint pages, ulong* frames, int* errors);

    /// <summary>Unmaps frames.</summary>
    [LibraryImport(Name, EntryPoint = "xenforeignmemory_unmap", SetLastError = true)]
    public static partial int Unmap(nint handle, nint address, nuint pages);

    /// <summary>Maps a resource of a domain.</summary>
    [LibraryImport(Name, EntryPoint = "xenforeignmemory_map_resource", SetLastError = true)]
    public static partial nint MapResource(
        nint handle, ushort domain, uint type, uint id, nuint frame, nuint frames, ref nint address, int protection, int flags);

    /// <summary>Unmaps a resource.</summary>
    [LibraryImport(Name, EntryPoint = "xenforeignmemory_unmap_resource", SetLastError = true)]
    public static partial int UnmapResource(nint handle, nint resource);
}
