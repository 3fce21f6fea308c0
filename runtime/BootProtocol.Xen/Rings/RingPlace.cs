namespace BootProtocol.Xen.Rings;

/// <summary>Where a ring of a domain is.</summary>
/// <param name="Frame">The frame of its page: a machine frame, or a PVH domain's own.</param>
/// <param name="Port">The domain's event channel port for it.</param>
/// <example><code>
/// RingPlace place = domain.Console;
/// using DomainConsole console = DomainConsole.Open(domain.Domain, place.Frame, place.Port);
/// console.Write("\n"u8);
/// </code></example>
public readonly record struct RingPlace(Mfn Frame, uint Port);
