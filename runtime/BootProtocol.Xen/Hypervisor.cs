using System.Text;
using BootProtocol.Xen.Domains;
using BootProtocol.Xen.Host;

namespace BootProtocol.Xen;

/// <summary>The Xen that this control domain runs on.</summary>
/// <remarks>Source: Xen's public headers version.h and domctl.h. It is for one thread at a time, unless a member says otherwise, but may be
/// disposed from several; after that every other member throws <see cref="ObjectDisposedException"/>.</remarks>
/// <example><code>
/// using Hypervisor xen = Hypervisor.Open();
/// Console.WriteLine($"Xen {xen.Version}: {string.Join(' ', xen.Capabilities)}");
/// foreach (DomainInfo found in xen.ListDomains())
///     Console.WriteLine($"{found.Id}: {found.Pages} pages");
/// </code></example>
public sealed class Hypervisor : IDisposable
{
    private const int CapabilitiesSize = 1024;
    private const int ExtraVersionSize = 16;

    private readonly IXenHost _host;
    private readonly string _version;
    private readonly string[] _capabilities;
    private uint? _domctlVersion;
    private int _isDisposed;

    internal Hypervisor(IXenHost host)
    {
        _host = host;
        long version = XenException.Check("ask for Xen's version", host.Call(Hypercall.XenVersion, (ulong)XenVersionCmd.Version, 0));
        string extra = Text(XenVersionCmd.ExtraVersion, ExtraVersionSize, "ask for Xen's extra version");
        _version = string.Create(null, $"{version >> 16}.{version & 0xffff}{extra}");
        string capabilities = Text(XenVersionCmd.Capabilities, CapabilitiesSize, "ask for Xen's capabilities");
        _capabilities = capabilities.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The version, such as <c>4.17.7</c>, with what the one who built it added.</summary>
    public string Version => Live._version;

    /// <summary>The kinds of guest that it can run, such as <c>xen-3.0-x86_64</c>.</summary>
    public IReadOnlyList<string> Capabilities => Live._capabilities;

    /// <summary>The version of its domctl structures, which is one that this library has.</summary>
    /// <exception cref="XenException">It has another version, or this domain may not control others.</exception>
    public uint DomctlVersion => Live._domctlVersion ??= DomctlVersions.Ask(_host);

    internal IXenHost Host => Live._host;

    /// <summary>Opens the Xen under this machine's control domain.</summary>
    /// <exception cref="XenUnavailableException">This is no control domain, or something of it is missing.</exception>
    /// <exception cref="XenException">Xen refused a question for its version or its capabilities.</exception>
    public static Hypervisor Open()
    {
        NativeXenHost host = NativeXenHost.Open();
        try
        {
            return new Hypervisor(host);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>All domains, by ascending number; the control domain is one of them.</summary>
    /// <exception cref="XenException">Xen refused.</exception>
    public IReadOnlyList<DomainInfo> ListDomains()
    {
        _ = DomctlVersion;
        return DomainListing.Run(this);
    }

    /// <summary>Finds a domain; null if there is none of that number.</summary>
    /// <param name="id">Its number.</param>
    /// <exception cref="XenException">Xen refused.</exception>
    public XenDomain? FindDomain(ushort id) => Find(id)?.Id == id ? new XenDomain(this, id) : null;

    /// <summary>Whether it can run PV guests of a word size.</summary>
    /// <param name="word">32 bits stand for PAE.</param>
    public bool CanRun(WordSize word) => Capabilities.Contains(CapabilityOf(word));

    /// <summary>The capability that PV guests of a word size need.</summary>
    /// <param name="word">32 bits stand for PAE.</param>
    public static string CapabilityOf(WordSize word) => StartInfo.MagicOf(word);

    /// <summary>Closes the drivers. Memory of domains, their consoles and all else that came through it is to be disposed before.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            _host.Dispose();
    }

    private Hypervisor Live
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
            return this;
        }
    }

    /// <summary>The domain of a number; where there is none, null, or with Xen 4.17 the next higher one.</summary>
    internal DomainInfo? Find(ushort id)
    {
        using var call = new DomctlCall(this, XenDomctlCmd.GetDomainInfo, id);
        long answer = call.TryRun();
        if (answer == -(long)XenError.NoSuchDomain)
            return null;
        XenException.Check("read the state of domains", answer);
        return DomainInfo.Read(call.View.Getdomaininfo);
    }

    /// <summary>Takes memory for a hypercall.</summary>
    /// <exception cref="XenException">There is none.</exception>
    internal IHostMemory Allocate(int size)
    {
        XenException.Check("allocate memory for a hypercall", Host.Allocate(size, out IHostMemory? memory));
        return memory!;
    }

    private string Text(XenVersionCmd command, int size, string step)
    {
        using IHostMemory memory = Allocate(size);
        XenException.Check(step, _host.Call(Hypercall.XenVersion, (ulong)command, memory.Address));
        ReadOnlySpan<byte> text = memory.Memory.Span;
        int end = text.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? text : text[..end]);
    }
}
