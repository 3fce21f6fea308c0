using System.Globalization;
using BootProtocol.Xen;
using BootProtocol.Xen.Domains;
using BootProtocol.Xen.Rings;
using BootProtocol.Xen.Store;

namespace BootProtocol.Cli.Control;

/// <summary>A domain that a command was told to work on, and what xenstore says of it where a xenstored runs.</summary>
internal static class ControlledDomain
{
    /// <summary>Finds a domain other than the control domain.</summary>
    /// <exception cref="ToolException">There is none of that number.</exception>
    public static XenDomain Find(Hypervisor hypervisor, ushort id)
    {
        if (id == 0)
            throw new ToolException(ExitCode.Usage, "domain 0 is the control domain");
        return hypervisor.FindDomain(id) ?? throw new ToolException(ExitCode.BadInput, $"domain {id}: there is no such domain");
    }

    /// <summary>Finds a domain's console: as xenstore says, or else as domain builders leave it behind.</summary>
    public static RingPlace FindConsole(XenDomain domain)
    {
        using StoreClient? store = StoreClient.TryConnect();
        string path = $"{StoreClient.PathOf(domain.Id)}/console";
        return ulong.TryParse(store?.Read($"{path}/ring-ref"), CultureInfo.InvariantCulture, out ulong frame)
            && uint.TryParse(store?.Read($"{path}/port"), CultureInfo.InvariantCulture, out uint port)
            ? new RingPlace(new Mfn(frame), port)
            : ConsolePlaces.Find(domain);
    }

    /// <summary>Asks a domain's guest to end: <c>poweroff</c> or <c>reboot</c>.</summary>
    /// <exception cref="ToolException">There is no xenstored that could ask it.</exception>
    public static void Ask(ControlPlace place, XenDomain domain, string wish)
    {
        using StoreClient store = place.Connect()
            ?? throw new ToolException(ExitCode.Missing, $"domain {domain.Id}: no xenstored runs here, through which it could be asked");
        if (!store.IsServed(domain.Id))
            throw new ToolException(ExitCode.BadInput, $"domain {domain.Id}: xenstored does not serve it, so that it cannot be asked");
        DomainNodes.Ask(store, domain.Id, wish);
    }

    /// <summary>Destroys a domain, and what is kept of it.</summary>
    public static void Destroy(ControlPlace place, XenDomain domain)
    {
        Guid handle = domain.GetInfo().Handle;
        domain.Destroy();
        Forget(place, domain.Id, handle);
    }

    /// <summary>Does something with a domain, and destroys it if that fails.</summary>
    public static T OrDestroy<T>(ControlPlace place, XenDomain domain, Func<T> action)
    {
        Guid handle = Guid.Empty;
        try
        {
            return domain.OrDestroy(() =>
            {
                handle = domain.GetInfo().Handle;
                return action();
            });
        }
        catch
        {
            try
            {
                Forget(place, domain.Id, handle);
            }
            catch (XenException)
            {
                // What came first is told.
            }

            throw;
        }
    }

    /// <summary>Does something with a domain, and then destroys it if that is wanted, whatever came of it.</summary>
    public static void Use(ControlPlace place, XenDomain domain, bool destroyAtEnd, Action action)
    {
        if (!destroyAtEnd)
        {
            action();
            return;
        }

        Guid handle = domain.GetInfo().Handle;
        OrDestroy(place, domain, () =>
        {
            action();
            return domain;
        });

        // Whoever ended it meanwhile, such as xl once it has saved it, has removed what was kept of it.
        if (IsThere(domain, handle))
            Destroy(place, domain);
    }

    private static bool IsThere(XenDomain domain, Guid handle)
    {
        try
        {
            return domain.GetInfo().Handle == handle;
        }
        catch (XenException gone) when (gone.Error == XenError.NoSuchDomain)
        {
            return false;
        }
    }

    private static void Forget(ControlPlace place, ushort id, Guid handle)
    {
        DomainUserData.Remove(place.UserData, id, handle);
        using StoreClient? store = place.Connect();
        if (store is not null)
        {
            place.Devices.Detach(store, id);
            DomainNodes.Remove(store, id, handle);
        }
    }
}
