using BootProtocol.Xen.Host;

namespace BootProtocol.Runtime.Tests.XenControl;

/// <summary>Memory of a pretended Xen: it tells when it is given back.</summary>
internal sealed class FakeMemory(ulong address, byte[] bytes, Action<FakeMemory> release) : IHostMemory
{
    private bool _isReleased;

    public ulong Address => address;

    public byte[] Bytes => bytes;

    public Memory<byte> Memory
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isReleased, this);
            return bytes;
        }
    }

    public void Dispose()
    {
        if (_isReleased)
            return;
        _isReleased = true;
        release(this);
    }
}
