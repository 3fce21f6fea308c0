using BootProtocol.Kvm.Devices;
using BootProtocol.Virtio;

namespace BootProtocol.Kvm.Virtio;

/// <summary>A queue of requests in the guest's memory, of which every number may be anything at any time.</summary>
/// <remarks>
/// A descriptor is copied before it is looked at. A chain has no more descriptors than the queue has, so that one that leads back to itself
/// ends; and all its buffers are in the guest's RAM. Source: VIRTIO 1.2, 2.7 "Split Virtqueues".
/// </remarks>
internal sealed class Virtqueue
{
    /// <summary>Most entries.</summary>
    public const int MostEntries = 256;

    private ushort _next;
    private ushort _done;

    /// <summary>Entries: a power of 2.</summary>
    public int Entries { get; set; } = MostEntries;

    /// <summary>Whether the guest uses it.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Address of the descriptors.</summary>
    public ulong Descriptors { get; set; }

    /// <summary>Address of what the driver offers.</summary>
    public ulong Available { get; set; }

    /// <summary>Address of what the device is done with.</summary>
    public ulong Used { get; set; }

    /// <summary>Has the guest use it from here on, or no more.</summary>
    /// <returns>False if its numbers are not right.</returns>
    public bool SetReady(bool isReady)
    {
        IsReady = isReady && Entries is > 0 and <= MostEntries && (Entries & (Entries - 1)) == 0
            && Descriptors % 16 == 0 && Available % 2 == 0 && Used % 4 == 0;
        (_next, _done) = (0, 0);
        return IsReady == isReady;
    }

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        (Entries, IsReady, Descriptors, Available, Used, _next, _done) = (MostEntries, false, 0, 0, 0, 0, 0);
    }

    /// <summary>Takes the next request.</summary>
    /// <param name="machine">Whose memory it is in.</param>
    /// <param name="buffers">Its buffers.</param>
    /// <param name="head">Its first descriptor.</param>
    /// <returns>Whether there is one; null if the queue is broken.</returns>
    public bool? TryTake(IMachine machine, List<(Paddr Start, int Length, bool IsWritten)> buffers, out ushort head)
    {
        head = 0;
        buffers.Clear();
        if (!TryRing(machine, Available, sizeof(ushort), out Span<byte> ring))
            return null;
        ushort offered = VirtqueueAvailable.Parse(ring).Index;
        int waiting = unchecked((ushort)(offered - _next));
        if (waiting == 0)
            return false;
        if (waiting > Entries)
            return null;

        // The entry is not read before the index that says that it is there.
        Interlocked.MemoryBarrier();
        head = VirtqueueAvailable.Parse(ring).Entries[_next % Entries];
        _next++;
        return Follow(machine, head, buffers) ? true : null;
    }

    /// <summary>Says that a request is done.</summary>
    /// <param name="machine">Whose memory it is in.</param>
    /// <param name="head">Its first descriptor.</param>
    /// <param name="written">Bytes that were written.</param>
    /// <returns>Whether the guest asks for an interrupt; null if the queue is broken.</returns>
    public bool? Complete(IMachine machine, ushort head, uint written)
    {
        if (!TryRing(machine, Used, VirtqueueUsedElement.Layout.Size, out Span<byte> used)
            || !TryRing(machine, Available, sizeof(ushort), out Span<byte> available))
        {
            return null;
        }

        int at = VirtqueueUsed.Layout.Size + (_done % Entries * VirtqueueUsedElement.Layout.Size);
        VirtqueueUsedElement.Writer element = VirtqueueUsedElement.Edit(used.Slice(at, VirtqueueUsedElement.Layout.Size));
        element.Id = head;
        element.Length = written;

        // The entry is there before the index that says so, and that before the guest is asked whether it waits.
        Interlocked.MemoryBarrier();
        _done++;
        VirtqueueUsed.Edit(used[..VirtqueueUsed.Layout.Size]).Index = _done;
        Interlocked.MemoryBarrier();
        return (VirtqueueAvailable.Parse(available).RingFlags & VirtqueueAvailableFlags.NoInterrupt) == 0;
    }

    private bool TryRing(IMachine machine, ulong start, int element, out Span<byte> bytes) =>
        machine.TryAccess(new Paddr(start), VirtqueueUsed.Layout.Size + (Entries * element), out bytes);

    private bool Follow(IMachine machine, ushort head, List<(Paddr Start, int Length, bool IsWritten)> buffers)
    {
        if (!machine.TryAccess(new Paddr(Descriptors), Entries * VirtqueueDescriptor.Layout.Size, out Span<byte> table))
            return false;
        Span<byte> copy = stackalloc byte[VirtqueueDescriptor.Layout.Size];
        int index = head;
        for (int i = 0; i < Entries; i++)
        {
            if (index >= Entries)
                return false;
            table.Slice(index * copy.Length, copy.Length).CopyTo(copy);
            VirtqueueDescriptor descriptor = VirtqueueDescriptor.Parse(copy);
            bool isWritten = (descriptor.BufferFlags & VirtqueueDescriptorFlags.Write) != 0;
            bool isOutOfOrder = !isWritten && buffers.Count > 0 && buffers[^1].IsWritten;
            if ((descriptor.BufferFlags & VirtqueueDescriptorFlags.Indirect) != 0 || isOutOfOrder || descriptor.Length > int.MaxValue
                || !machine.TryAccess(descriptor.Addr, (int)descriptor.Length, out _))
            {
                return false;
            }

            buffers.Add((descriptor.Addr, (int)descriptor.Length, isWritten));
            if ((descriptor.BufferFlags & VirtqueueDescriptorFlags.Next) == 0)
                return true;
            index = descriptor.Next;
        }

        return false; // it leads back to itself
    }
}
