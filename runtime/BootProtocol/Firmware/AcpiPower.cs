namespace BootProtocol.Firmware;

/// <summary>The ports of ACPI's fixed registers, by which a guest switches its machine off.</summary>
/// <param name="EventPort">The port of the event registers: status, then enable, 2 bytes each.</param>
/// <param name="ControlPort">The port of the control register, 2 bytes.</param>
/// <example><code>
/// var ports = new AcpiPower(0x600, 0x604);
/// Console.WriteLine($"events at 0x{ports.EventPort:x}, control at 0x{ports.ControlPort:x}");
/// </code></example>
public sealed record AcpiPower(ushort EventPort, ushort ControlPort);
