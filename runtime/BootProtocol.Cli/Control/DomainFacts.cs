using BootProtocol.Memory;

namespace BootProtocol.Cli.Control;

/// <summary>What others find out about a domain that was built.</summary>
/// <param name="Built">The domain and its rings.</param>
/// <param name="Type">What kind of domain it is, in xl's words: <c>pv</c> or <c>pvh</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Handle">Its UUID.</param>
/// <param name="Pages">Its memory, in pages.</param>
/// <param name="MaximumPages">Its memory at most, in pages.</param>
/// <param name="VCpus">Its virtual CPUs.</param>
/// <param name="Devices">Its disks and network cards.</param>
internal sealed record DomainFacts(
    BuiltRings Built, string Type, string Name, Guid Handle, int Pages, int MaximumPages, uint VCpus, DeviceRequest Devices)
{
    /// <summary>Its number.</summary>
    public ushort Id => Built.Domain.Id;

    /// <summary>Its memory, in KiB.</summary>
    public ulong Kibibytes => (ulong)Pages * (X86Page.Size / 1024);

    /// <summary>Its memory at most, in KiB.</summary>
    public ulong MaximumKibibytes => (ulong)MaximumPages * (X86Page.Size / 1024);
}
