using System.Runtime.InteropServices;

namespace BootProtocol.Xen.Host;

/// <summary>C's <c>struct pollfd</c>.</summary>
/// <param name="File">The file's number.</param>
/// <param name="Events">What to wait for.</param>
/// <param name="Returned">What is ready.</param>
[StructLayout(LayoutKind.Sequential)]
internal record struct PollEntry(int File, short Events, short Returned);
