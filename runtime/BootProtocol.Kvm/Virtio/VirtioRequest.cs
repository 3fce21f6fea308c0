using BootProtocol.Kvm.Devices;

namespace BootProtocol.Kvm.Virtio;

/// <summary>The buffers of one request, all of which lie in the guest's memory: those that the device reads, then those that it writes.</summary>
/// <param name="machine">Whose memory it is.</param>
/// <param name="buffers">Address, bytes, and whether the device writes it.</param>
internal readonly struct VirtioRequest(IMachine machine, IReadOnlyList<(Paddr Start, int Length, bool IsWritten)> buffers)
{
    /// <summary>How many buffers there are.</summary>
    public int Count => buffers.Count;

    /// <summary>Whether the machine has come to its end.</summary>
    public bool HasEnded => machine.HasEnded;

    /// <summary>Whether the device writes a buffer.</summary>
    public bool IsWritten(int index) => buffers[index].IsWritten;

    /// <summary>A buffer's bytes, which the guest may change at any time.</summary>
    public Span<byte> Bytes(int index) => machine.TryAccess(buffers[index].Start, buffers[index].Length, out Span<byte> bytes) ? bytes : default;
}
