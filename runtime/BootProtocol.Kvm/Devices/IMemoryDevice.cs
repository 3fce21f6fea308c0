namespace BootProtocol.Kvm.Devices;

/// <summary>A device that a guest uses by addresses at which no memory is.</summary>
/// <remarks>
/// Its members are called by threads of the guest's processors, one at a time. Bytes are as in memory. An access that is partly another
/// device's, or nobody's, comes byte by byte.
/// </remarks>
/// <example><code>
/// void Describe(IMemoryDevice device) =&gt; Console.WriteLine($"{device.Length} bytes from {device.Start} on");
/// </code></example>
public interface IMemoryDevice
{
    /// <summary>Its first address.</summary>
    Paddr Start { get; }

    /// <summary>Its bytes.</summary>
    ulong Length { get; }

    /// <summary>Is called once, before the guest starts.</summary>
    /// <param name="machine">What the device can do to the machine.</param>
    void Attach(IMachine machine)
    {
    }

    /// <summary>The guest reads.</summary>
    /// <param name="offset">The address, from the first one on.</param>
    /// <param name="data">Where the bytes go: 1 to 8.</param>
    void Read(ulong offset, Span<byte> data);

    /// <summary>The guest writes.</summary>
    /// <param name="offset">The address, from the first one on.</param>
    /// <param name="data">The bytes: 1 to 8.</param>
    void Write(ulong offset, ReadOnlySpan<byte> data);
}
