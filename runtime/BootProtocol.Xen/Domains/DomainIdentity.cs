namespace BootProtocol.Xen.Domains;

/// <summary>Which domain had a number when it was looked at: Xen gives numbers again.</summary>
/// <remarks>
/// From Xen 4.21 on, each domain has a number that no other has had. Before, its UUID has to do, which a domain shares with the one that it was
/// built anew of.
/// </remarks>
internal sealed class DomainIdentity
{
    private readonly XenDomain _domain;
    private readonly ulong? _unique;
    private readonly Guid? _handle;

    private DomainIdentity(XenDomain domain, ulong? unique, Guid? handle)
    {
        _domain = domain;
        _unique = unique;
        _handle = handle;
    }

    /// <summary>Looks at a domain, which may have ended.</summary>
    public static DomainIdentity Of(XenDomain domain)
    {
        try
        {
            if (domain.TryGetExistence() is { } existence)
                return new DomainIdentity(domain, existence.UniqueId, null);
        }
        catch (XenException gone) when (gone.Error == XenError.NoSuchDomain)
        {
            return new DomainIdentity(domain, null, null);
        }

        return new DomainIdentity(domain, null, domain.Hypervisor.Find(domain.Id) is { } info && info.Id == domain.Id ? info.Handle : null);
    }

    /// <summary>Whether it has ended: it has shut down for good, is not there, or another one has its number.</summary>
    public bool HasEnded()
    {
        if (_unique is null)
        {
            return _handle is null || _domain.Hypervisor.Find(_domain.Id) is not { } info || info.Id != _domain.Id || info.Handle != _handle
                || XenDomain.IsEnd(info);
        }

        try
        {
            // Why it has shut down is said by another call, which is needed only then.
            DomainExistence existence = _domain.TryGetExistence()!;
            return existence.UniqueId != _unique || (existence.State & (DomainExistenceState.Dying | DomainExistenceState.Dead)) != 0
                || (existence.State.HasFlag(DomainExistenceState.Shutdown) && _domain.HasEnded());
        }
        catch (XenException gone) when (gone.Error == XenError.NoSuchDomain)
        {
            return true;
        }
    }
}
