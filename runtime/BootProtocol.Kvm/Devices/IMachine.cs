namespace BootProtocol.Kvm.Devices;

/// <summary>What a device can do to the machine that it is in. Any thread may use it.</summary>
/// <example><code>
/// static void Stop(IMachine machine)
/// {
///     machine.SetInterrupt(5, false);
///     machine.End(new KvmEnd { Kind = KvmEndKind.PowerOff });
/// }
/// </code></example>
public interface IMachine
{
    /// <summary>Whether the machine has come to its end.</summary>
    bool HasEnded { get; }

    /// <summary>Sets the level of an interrupt line.</summary>
    /// <param name="line">Input of the IO-APIC: 0 to 23; those below 16 are inputs of the 8259, too.</param>
    /// <param name="isHigh">The level.</param>
    void SetInterrupt(int line, bool isHigh);

    /// <summary>Looks up bytes of the guest's memory. The guest may change them at any time.</summary>
    /// <param name="start">The first address; the guest may have given any.</param>
    /// <param name="length">Bytes: 0 or more.</param>
    /// <param name="bytes">The bytes; not to be used after the machine has ended.</param>
    /// <returns>False if they are not all in one range of RAM.</returns>
    bool TryAccess(Paddr start, int length, out Span<byte> bytes);

    /// <summary>Ends the machine. If something else ended it before, that counts.</summary>
    /// <param name="end">How.</param>
    void End(KvmEnd end);
}
