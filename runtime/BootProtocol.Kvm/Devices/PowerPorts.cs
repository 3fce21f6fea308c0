using BootProtocol.Acpi;

namespace BootProtocol.Kvm.Devices;

/// <summary>ACPI's fixed registers, at ports 0x600 to 0x605: a status in which nothing happens, and a control by which a guest switches off.</summary>
/// <remarks>Source: ACPI 6.5, 4.8.3 "PM1 Registers". The control register's port is that of QEMU's machine q35.</remarks>
internal sealed class PowerPorts : IPortDevice
{
    /// <summary>The port of the event registers: status, then enable, 2 bytes each.</summary>
    public const ushort EventPort = 0x600;

    /// <summary>The port of the control register, 2 bytes.</summary>
    public const ushort ControlPort = 0x604;

    private const int Enable = 2;
    private const int Control = ControlPort - EventPort;

    private readonly byte[] _registers = new byte[6];
    private IMachine? _machine;

    /// <inheritdoc/>
    public ushort FirstPort => EventPort;

    /// <inheritdoc/>
    public int PortCount => _registers.Length;

    /// <inheritdoc/>
    public void Attach(IMachine machine) => _machine = machine;

    /// <inheritdoc/>
    public void Read(int offset, Span<byte> data)
    {
        for (int i = 0; i < data.Length; i++)
            data[i] = (byte)(_registers[offset + i] | (offset + i == Control ? (byte)AcpiPm1Control.SciEn : 0));
    }

    /// <inheritdoc/>
    public void Write(int offset, ReadOnlySpan<byte> data)
    {
        // A bit of the status goes away where 1 is written, and none is ever set: what is written there is of no consequence.
        for (int i = 0; i < data.Length; i++)
        {
            if (offset + i >= Enable)
                _registers[offset + i] = data[i];
        }

        const int SleepByte = Control + 1;
        if ((((uint)_registers[SleepByte] << 8) & (uint)AcpiPm1Control.SlpEn) == 0)
            return;

        // Of the states there is but one, S5. The bit that goes there reads as 0.
        _registers[SleepByte] &= unchecked((byte)~((uint)AcpiPm1Control.SlpEn >> 8));
        _machine?.End(new KvmEnd { Kind = KvmEndKind.PowerOff });
    }
}
