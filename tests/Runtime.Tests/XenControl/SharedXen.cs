using BootProtocol.Xen;
using BootProtocol.Xen.Host;

namespace BootProtocol.Runtime.Tests.XenControl;

/// <summary>One connection of several to a pretended Xen: Xen itself carries out one call after the other. The calls are counted.</summary>
/// <param name="xen">The pretended Xen; it is not disposed with this.</param>
internal sealed class SharedXen(FakeXen xen) : IXenHost
{
    /// <summary>Calls that were made.</summary>
    public int Calls { get; private set; }

    public long Call(Hypercall number, params ReadOnlySpan<ulong> arguments)
    {
        lock (xen)
        {
            Calls++;
            return xen.Call(number, arguments);
        }
    }

    public int Allocate(int size, out IHostMemory? memory)
    {
        lock (xen)
        {
            Calls++;
            int answer = xen.Allocate(size, out memory);
            memory = Locked(memory);
            return answer;
        }
    }

    public int Map(ushort domain, ReadOnlySpan<Mfn> frames, out IHostMemory? memory, bool isReadOnly = false)
    {
        lock (xen)
        {
            Calls++;
            int answer = xen.Map(domain, frames, out memory, isReadOnly);
            memory = Locked(memory);
            return answer;
        }
    }

    public int MapGrantTable(ushort domain, out IHostMemory? memory)
    {
        lock (xen)
        {
            Calls++;
            int answer = xen.MapGrantTable(domain, out memory);
            memory = Locked(memory);
            return answer;
        }
    }

    public int OpenEvents(out IEventChannels? events)
    {
        lock (xen)
        {
            Calls++;
            return xen.OpenEvents(out events);
        }
    }

    /// <summary>The first pages of a domain.</summary>
    public byte[] Read(ushort domain, Pfn end)
    {
        lock (xen)
        {
            var contents = new MemoryStream();
            foreach (Mfn frame in xen.Domains[domain].Frames.Values.Take((int)end.Value))
                contents.Write(xen.Frame(frame));
            return contents.ToArray();
        }
    }

    public void Dispose()
    {
        // The other connections go on.
    }

    private LockedMemory? Locked(IHostMemory? memory) => memory is null ? null : new LockedMemory(xen, memory);

    /// <summary>Memory that is given back while nobody else is at the pretended Xen.</summary>
    private sealed class LockedMemory(FakeXen xen, IHostMemory inner) : IHostMemory
    {
        public Memory<byte> Memory => inner.Memory;

        public ulong Address => inner.Address;

        public void Dispose()
        {
            lock (xen)
                inner.Dispose();
        }
    }
}
