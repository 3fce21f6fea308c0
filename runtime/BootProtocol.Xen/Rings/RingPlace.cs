namespace BootProtocol.Xen.Rings;

/// <summary>Where a ring of a domain is.</summary>
/// <param name="Frame">The machine frame of its page.</param>
/// <param name="Port">The domain's event channel port for it.</param>
public readonly record struct RingPlace(Mfn Frame, uint Port);
