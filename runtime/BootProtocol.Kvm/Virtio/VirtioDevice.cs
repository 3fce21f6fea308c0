using BootProtocol.Virtio;

namespace BootProtocol.Kvm.Virtio;

/// <summary>What a kind of VIRTIO device has of its own.</summary>
internal abstract class VirtioDevice
{
    /// <summary>The kind.</summary>
    public abstract VirtioKind Kind { get; }

    /// <summary>Features of the kind; those of all kinds are added.</summary>
    public abstract ulong Features { get; }

    /// <summary>How many queues it has.</summary>
    public abstract int Queues { get; }

    /// <summary>What the guest can read of it.</summary>
    public abstract ReadOnlySpan<byte> Configuration { get; }

    /// <summary>Whether it has a use for a request now; what is offered waits until it has.</summary>
    /// <param name="queue">The queue's number.</param>
    public virtual bool CanHandle(int queue) => true;

    /// <summary>Is called when all requests that were in a queue have been handled.</summary>
    /// <param name="transport">The registers of the device.</param>
    /// <param name="queue">The queue's number.</param>
    public virtual void HasHandled(VirtioTransport transport, int queue)
    {
    }

    /// <summary>Does what a request of the guest's asks for.</summary>
    /// <param name="queue">The queue's number.</param>
    /// <param name="request">Its buffers.</param>
    /// <returns>Bytes that were written to them.</returns>
    public abstract uint Handle(int queue, VirtioRequest request);
}
