using BootProtocol.Xen.Host;

namespace BootProtocol.Runtime.Tests.XenControl;

/// <summary>Event channels of a pretended Xen.</summary>
internal sealed class FakeEvents(FakeXen xen) : IEventChannels
{
    public int Bind(ushort domain, uint remotePort)
    {
        if (xen.Step($"bind port {remotePort}") is < 0 and var error)
            return (int)error;
        return xen.Domains.TryGetValue(domain, out FakeDomain? found) && found.Ports.Contains(remotePort)
            ? (int)remotePort + 100
            : -(int)BootProtocol.Xen.XenError.Invalid;
    }

    public int Notify(uint port)
    {
        xen.Notifications++;
        return 0;
    }

    public int Wait(TimeSpan timeout)
    {
        Thread.Sleep(timeout);
        return 0;
    }

    public void Dispose() => xen.OpenEventSets--;
}
