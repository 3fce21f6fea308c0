namespace BootProtocol.Firmware;

/// <summary>A VIRTIO device whose registers are in memory, as ACPI's tables show it.</summary>
/// <param name="Start">The physical address of its registers.</param>
/// <param name="Length">Their bytes.</param>
/// <param name="Interrupt">Its interrupt, by its number among all inputs.</param>
/// <example><code>
/// var disk = new AcpiDevice(0xd0000000, 0x1000, 16);
/// var machine = new AcpiMachine { Address = new Paddr(0xe0000), Devices = [disk], Power = new AcpiPower(0x600, 0x604) };
/// Console.WriteLine($"{AcpiTables.Create(machine).Length} bytes for a device at 0x{disk.Start:x}");
/// </code></example>
public readonly record struct AcpiDevice(uint Start, uint Length, uint Interrupt);
