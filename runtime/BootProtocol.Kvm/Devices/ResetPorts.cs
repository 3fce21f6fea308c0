namespace BootProtocol.Kvm.Devices;

/// <summary>A port by which a guest resets the machine.</summary>
/// <param name="port">The port.</param>
/// <param name="isReset">Whether a byte written there is a reset.</param>
/// <param name="idle">What it reads as.</param>
internal sealed class ResetPorts(ushort port, Predicate<byte> isReset, byte idle) : IPortDevice
{
    private IMachine? _machine;

    /// <inheritdoc/>
    public ushort FirstPort => port;

    /// <inheritdoc/>
    public int PortCount => 1;

    /// <summary>The keyboard controller, of which nothing else is there: it is never busy and has nothing to say.</summary>
    /// <remarks>0xfe pulses the line by which the controller of a PC resets the processor. Source: IBM's PC AT technical reference.</remarks>
    public static ResetPorts Keyboard() => new(0x64, static value => value == 0xfe, 0);

    /// <summary>The reset control register of Intel's chipsets.</summary>
    /// <remarks>Bit 2 resets. Source: data sheets of Intel's ICH, "RST_CNT".</remarks>
    public static ResetPorts Chipset() => new(0xcf9, static value => (value & 4) != 0, 0);

    /// <inheritdoc/>
    public void Attach(IMachine machine) => _machine = machine;

    /// <inheritdoc/>
    public void Read(int offset, Span<byte> data) => data.Fill(idle);

    /// <inheritdoc/>
    public void Write(int offset, ReadOnlySpan<byte> data)
    {
        if (isReset(data[0]))
            _machine?.End(new KvmEnd { Kind = KvmEndKind.Reset });
    }
}
