using BootProtocol.Xen.Host;

namespace BootProtocol.Xen.Domains;

/// <summary>One domctl hypercall: its argument is filled, then it is issued, then the answer is read.</summary>
internal sealed class DomctlCall : IDisposable
{
    private readonly IXenHost _host;
    private readonly IHostMemory _memory;

    /// <summary>Prepares a call.</summary>
    /// <exception cref="XenException">Xen has an interface that is not known, or there is no memory for the call.</exception>
    public DomctlCall(Hypervisor hypervisor, XenDomctlCmd command, ushort domain)
        : this(hypervisor, command, domain, hypervisor.DomctlVersion)
    {
    }

    private DomctlCall(Hypervisor hypervisor, XenDomctlCmd command, ushort domain, uint version)
    {
        _host = hypervisor.Host;
        _memory = hypervisor.Allocate(XenDomctl.Layout.Size);
        XenDomctl.Writer control = XenDomctl.Create(_memory.Memory.Span);
        control.Cmd = command;
        control.InterfaceVersion = version;
        control.Domain = domain;
    }

    /// <summary>Prepares a call whose structure is of no version of the interface.</summary>
    /// <exception cref="XenException">There is no memory for the call.</exception>
    public static DomctlCall Stable(Hypervisor hypervisor, XenDomctlCmd command, ushort domain) => new(hypervisor, command, domain, version: 0);

    /// <summary>The argument, for filling.</summary>
    public XenDomctl.Writer Control => XenDomctl.Edit(_memory.Memory.Span);

    /// <summary>The argument, for reading.</summary>
    public XenDomctl View => XenDomctl.Parse(_memory.Memory.Span);

    /// <summary>Issues the call: its answer, or a negative error number.</summary>
    public long TryRun() => _host.Call(Hypercall.Domctl, _memory.Address);

    /// <summary>Issues the call, again if it was interrupted.</summary>
    /// <param name="step">What it does, for the error.</param>
    /// <exception cref="XenException">Xen refused.</exception>
    public void Run(string step)
    {
        long answer;
        do
            answer = TryRun();
        while (answer == -(long)XenError.Restart);
        XenException.Check(step, answer);
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}
