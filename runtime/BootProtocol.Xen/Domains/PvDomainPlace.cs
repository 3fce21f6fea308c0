namespace BootProtocol.Xen.Domains;

/// <summary>A PV domain that has its resources, and waits to be filled.</summary>
/// <param name="Memory">Its memory; nothing of it may be used after the filling.</param>
/// <param name="Frames">The machine frames behind its own.</param>
/// <param name="SharedInfo">The machine frame of its shared_info page, which is none of these.</param>
/// <param name="StorePort">Its event channel port for xenstore.</param>
/// <param name="ConsolePort">Its event channel port for the console.</param>
/// <example><code>
/// PvDomainStart Fill(PvDomainPlace place)
/// {
///     var builder = new XenPvBuilder
///     {
///         MemorySize = (ulong)place.Frames.Count * 4096,
///         Target = place.Memory,
///         Frames = place.Frames,
///         SharedInfoFrame = place.SharedInfo,
///         StorePort = place.StorePort,
///         ConsolePort = place.ConsolePort,
///     };
///     using XenPvDomain built = builder.Build(kernel);
///     return PvDomainStart.Of(built);
/// }
///
/// PvDomain made = PvDomain.Create(hypervisor, new PvDomainRequest { Word = WordSize.Bits64, Pages = 4096 }, Fill);
/// Console.WriteLine(made.Domain.Id);
/// </code></example>
public sealed record PvDomainPlace(DomainMemory Memory, DomainFrames Frames, Mfn SharedInfo, uint StorePort, uint ConsolePort);
