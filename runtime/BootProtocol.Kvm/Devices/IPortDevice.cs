namespace BootProtocol.Kvm.Devices;

/// <summary>A device that a guest uses by I/O ports.</summary>
/// <remarks>
/// Its members are called by threads of the guest's processors, one at a time. Bytes are as on the bus: the lowest one first. An access that
/// is partly another device's, or nobody's, comes byte by byte.
/// </remarks>
/// <example><code>
/// void Describe(IPortDevice device) =&gt; Console.WriteLine($"{device.PortCount} ports from 0x{device.FirstPort:x} on");
/// </code></example>
public interface IPortDevice
{
    /// <summary>Its first port.</summary>
    ushort FirstPort { get; }

    /// <summary>How many ports it has.</summary>
    int PortCount { get; }

    /// <summary>Is called once, before the guest starts.</summary>
    /// <param name="machine">What the device can do to the machine.</param>
    void Attach(IMachine machine)
    {
    }

    /// <summary>The guest reads.</summary>
    /// <param name="offset">The port, from the first one on.</param>
    /// <param name="data">Where the bytes go: 1, 2 or 4.</param>
    void Read(int offset, Span<byte> data);

    /// <summary>The guest writes.</summary>
    /// <param name="offset">The port, from the first one on.</param>
    /// <param name="data">The bytes: 1, 2 or 4.</param>
    void Write(int offset, ReadOnlySpan<byte> data);
}
