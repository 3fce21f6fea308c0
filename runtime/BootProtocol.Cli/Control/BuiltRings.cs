using BootProtocol.Xen.Domains;
using BootProtocol.Xen.Rings;

namespace BootProtocol.Cli.Control;

/// <summary>A domain of either kind that is ready to be started.</summary>
/// <param name="Domain">The domain, paused.</param>
/// <param name="Console">Its console ring.</param>
/// <param name="Store">Its xenstore ring.</param>
internal sealed record BuiltRings(XenDomain Domain, RingPlace Console, RingPlace Store);
