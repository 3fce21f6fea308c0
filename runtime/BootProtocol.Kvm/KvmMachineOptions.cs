using System.Collections.Immutable;
using BootProtocol.Kvm.Devices;

namespace BootProtocol.Kvm;

/// <summary>What a machine has beside its memory.</summary>
/// <example><code>
/// var options = new KvmMachineOptions { Vcpus = 2, SerialOutput = Stream.Null };
/// Console.WriteLine($"{options.Vcpus} processors, ACPI: {options.HasAcpi}");
/// </code></example>
public sealed record KvmMachineOptions
{
    /// <summary>Virtual processors: 1 to <see cref="MostVcpus"/>, and no more than KVM allows.</summary>
    public int Vcpus { get; init; } = 1;

    /// <summary>
    /// What the first serial port receives; null for nothing. It is read from the start on, a piece at a time as the guest takes it; a read
    /// that is under way when the machine ends goes on, and what it gets is lost.
    /// </summary>
    public Stream? SerialInput { get; init; }

    /// <summary>Where what the first serial port sends goes; null for nowhere. A write that waits holds the guest up, and the end, too.</summary>
    public Stream? SerialOutput { get; init; }

    /// <summary>
    /// Whether there is a console by VIRTIO, which is hvc0 in Linux: faster than a serial port, and there once the guest has a driver for it.
    /// </summary>
    public bool HasConsole { get; init; }

    /// <summary>
    /// What the console receives, once the guest has written something to it; null for nothing. It is read as <see cref="SerialInput"/> is.
    /// </summary>
    public Stream? ConsoleInput { get; init; }

    /// <summary>Where what the guest writes to the console goes; null for nowhere. A write that waits holds the guest up, and the end, too.</summary>
    public Stream? ConsoleOutput { get; init; }

    /// <summary>
    /// Whether there are ACPI tables, by which a guest finds processors, disks and the console and switches the machine off. The domain has to
    /// be built with <see cref="KvmMachine.AcpiRsdp"/> as the root pointer, or look for it itself.
    /// </summary>
    public bool HasAcpi { get; init; } = true;

    /// <summary>Disks, by VIRTIO, at most <see cref="MostDisks"/>: vda, vdb and so on in Linux. They stay the caller's.</summary>
    public ImmutableArray<KvmDisk> Disks { get; init; } = [];

    /// <summary>Devices with I/O ports. One that has a port of the machine's own devices takes its place.</summary>
    public ImmutableArray<IPortDevice> PortDevices { get; init; } = [];

    /// <summary>Devices with addresses, where no RAM is.</summary>
    public ImmutableArray<IMemoryDevice> MemoryDevices { get; init; } = [];

    /// <summary>How many disks there can be: each has an interrupt line of its own, 16 to 23.</summary>
    public const int MostDisks = 8;

    /// <summary>How many processors there can be: others would have numbers that a local APIC of the first kind cannot have.</summary>
    public const int MostVcpus = 254;
}
