using System.Runtime.InteropServices;

namespace BootProtocol.Xen.Host;

/// <summary>The C library, as far as .NET has no call of its own for it.</summary>
internal static partial class SystemLibrary
{
    /// <summary>Event for <see cref="PollEntry"/>: there is something to read.</summary>
    public const short Readable = 1;

    /// <summary>Waits until files are ready: the number of those that are, 0 after the time, -1 for an error.</summary>
    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(ref PollEntry entries, nuint count, int milliseconds);
}
