namespace BootProtocol.Xen.Domains;

/// <summary>A PV domain that has its resources, and waits to be filled.</summary>
/// <param name="Memory">Its memory; nothing of it may be used after the filling.</param>
/// <param name="Frames">The machine frames behind its own.</param>
/// <param name="SharedInfo">The machine frame of its shared_info page, which is none of these.</param>
/// <param name="StorePort">Its event channel port for xenstore.</param>
/// <param name="ConsolePort">Its event channel port for the console.</param>
public sealed record PvDomainPlace(DomainMemory Memory, DomainFrames Frames, Mfn SharedInfo, uint StorePort, uint ConsolePort);
