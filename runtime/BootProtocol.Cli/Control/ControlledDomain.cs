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

    /// <summary>Destroys a domain, and what xenstore has of it.</summary>
    public static void Destroy(XenDomain domain)
    {
        domain.Destroy();
        Forget(domain);
    }

    /// <summary>Does something with a domain, and destroys it if that fails.</summary>
    public static T OrDestroy<T>(XenDomain domain, Func<T> action)
    {
        try
        {
            return domain.OrDestroy(action);
        }
        catch
        {
            try
            {
                Forget(domain);
            }
            catch (XenException)
            {
                // What came first is told.
            }

            throw;
        }
    }

    /// <summary>Does something with a domain, and then destroys it if that is wanted, whatever came of it.</summary>
    public static void Use(XenDomain domain, bool destroyAtEnd, Action action)
    {
        if (!destroyAtEnd)
        {
            action();
            return;
        }

        OrDestroy(domain, () =>
        {
            action();
            return domain;
        });
        Destroy(domain);
    }

    private static void Forget(XenDomain domain)
    {
        using StoreClient? store = StoreClient.TryConnect();
        store?.Remove(StoreClient.PathOf(domain.Id));
    }
}
