using Microsoft.Win32.SafeHandles;

namespace BootProtocol.Xen.Devices;

/// <summary>A file that is a block device until nobody uses it any more.</summary>
/// <param name="path">The path of the device.</param>
/// <param name="file">What keeps it in use; null for a pretended one.</param>
internal sealed class LoopDevice(string path, SafeFileHandle? file) : IDisposable
{
    /// <summary>The path of the device, such as <c>/dev/loop0</c>.</summary>
    public string Path => path;

    /// <summary>Uses it no longer.</summary>
    public void Dispose() => file?.Dispose();
}
