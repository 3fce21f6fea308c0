using BootProtocol.Cli.Building;

namespace BootProtocol.Cli.Control;

/// <summary>What a person wants to be started on Xen.</summary>
internal sealed record StartRequest
{
    /// <summary>What is to be built.</summary>
    public required DomainRequest Domain { get; init; }

    /// <summary>Bytes of memory that it may be given later; null for no more than it starts with. It is no less than that.</summary>
    public ulong? MaximumMemory { get; init; }

    /// <summary>Virtual CPUs: at least 1.</summary>
    public uint VCpus { get; init; } = 1;

    /// <summary>The name; null for one made of its number.</summary>
    public string? Name { get; init; }

    /// <summary>The UUID.</summary>
    public Guid Handle { get; init; } = Guid.NewGuid();

    /// <summary>The disks and network cards.</summary>
    public DeviceRequest Devices { get; init; } = DeviceRequest.None;

    /// <summary>What is done when the guest ends.</summary>
    public EndActions Ends { get; init; } = EndActions.None;
}
