namespace BootProtocol.Kvm.Devices;

/// <summary>Ports 0x501 and 0x502, by which a guest ends the machine with a number, as by QEMU's device isa-debug-exit.</summary>
internal sealed class ExitPort : IPortDevice
{
    private IMachine? _machine;

    /// <inheritdoc/>
    public ushort FirstPort => 0x501;

    /// <inheritdoc/>
    public int PortCount => 2;

    /// <inheritdoc/>
    public void Attach(IMachine machine) => _machine = machine;

    /// <inheritdoc/>
    public void Read(int offset, Span<byte> data) => data.Clear();

    /// <inheritdoc/>
    public void Write(int offset, ReadOnlySpan<byte> data)
    {
        uint code = 0;
        for (int i = data.Length - 1; i >= 0; i--)
            code = (code << 8) | data[i];
        _machine?.End(new KvmEnd { Kind = KvmEndKind.Exit, Code = code });
    }
}
