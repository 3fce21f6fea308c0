using System.Collections.Immutable;

namespace BootProtocol.Firmware;

/// <summary>A virtual machine as ACPI's tables describe it.</summary>
/// <example><code>
/// var machine = new AcpiMachine { Address = new Paddr(0xfc000000), Processors = 2, ApicIdStep = 2 };
/// byte[] tables = AcpiTables.Create(machine);
/// Console.WriteLine($"{tables.Length} bytes at {machine.Address}, a PC: {machine.Power is not null}");
/// </code></example>
public sealed record AcpiMachine
{
    /// <summary>Where the tables go, the root pointer first: all below 4 GiB.</summary>
    public required Paddr Address { get; init; }

    /// <summary>How many processors there are.</summary>
    public int Processors { get; init; } = 1;

    /// <summary>How far the ids of two processors' local APICs are apart: at least 1. The first one's is 0.</summary>
    public int ApicIdStep { get; init; } = 1;

    /// <summary>
    /// The fixed registers of a PC, which has an IO-APIC, two 8259 and the usual reset register besides; null for a machine that has none of
    /// all that, but local APICs alone.
    /// </summary>
    public AcpiPower? Power { get; init; }

    /// <summary>Its VIRTIO devices: at most 256.</summary>
    public ImmutableArray<AcpiDevice> Devices { get; init; } = [];
}
