using BootProtocol.Xen;
using BootProtocol.Xen.Host;

namespace BootProtocol.XenDomains;

/// <summary>A real Xen that refuses one step: the call is not made.</summary>
/// <param name="inner">The real one; it is not disposed with this.</param>
/// <param name="refusedStep">Which step, counted from 1.</param>
internal sealed class RefusingHost(IXenHost inner, int refusedStep) : IXenHost
{
    private const XenError Refusal = XenError.NoMemory;
    private int _steps;

    /// <summary>Whether as many steps were made.</summary>
    public bool HasRefused => _steps >= refusedStep;

    /// <summary>Whether steps count: what cleans up is not to be refused.</summary>
    public bool IsOn { get; set; }

    private bool Refuses => IsOn && ++_steps == refusedStep;

    public long Call(Hypercall number, params ReadOnlySpan<ulong> arguments) => Refuses ? -(long)Refusal : inner.Call(number, arguments);

    public int Allocate(int size, out IHostMemory? memory)
    {
        memory = null;
        return Refuses ? -(int)Refusal : inner.Allocate(size, out memory);
    }

    public int Map(ushort domain, ReadOnlySpan<Mfn> frames, out IHostMemory? memory, bool isReadOnly = false)
    {
        memory = null;
        return Refuses ? -(int)Refusal : inner.Map(domain, frames, out memory, isReadOnly);
    }

    public int MapGrantTable(ushort domain, out IHostMemory? memory)
    {
        memory = null;
        return Refuses ? -(int)Refusal : inner.MapGrantTable(domain, out memory);
    }

    public int OpenEvents(out IEventChannels? events)
    {
        events = null;
        return Refuses ? -(int)Refusal : inner.OpenEvents(out events);
    }

    public void Dispose()
    {
        // The real one goes on.
    }
}
