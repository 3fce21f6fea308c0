namespace BootProtocol.Xen.Host;

/// <summary>All that this library asks of Xen and of the control domain's kernel: the seam between it and the machine.</summary>
/// <remarks>
/// What fails returns a negative error number (<see cref="XenError"/>); only use after disposal throws. Memory is to be given back first.
/// </remarks>
internal interface IXenHost : IDisposable
{
    /// <summary>Issues a hypercall.</summary>
    /// <param name="number">Which one.</param>
    /// <param name="arguments">Its arguments, at most five; addresses are those of <see cref="Allocate"/>.</param>
    /// <returns>Its answer, not negative, or the error.</returns>
    long Call(Hypercall number, params ReadOnlySpan<ulong> arguments);

    /// <summary>Takes memory that hypercalls can read and write.</summary>
    /// <param name="size">Its bytes: more than 0. They are zero.</param>
    /// <param name="memory">The memory.</param>
    /// <returns>0, or the error.</returns>
    int Allocate(int size, out IHostMemory? memory);

    /// <summary>Maps frames of a domain, in the order given.</summary>
    /// <param name="domain">The domain's number.</param>
    /// <param name="frames">The frames: machine frames for a PV domain.</param>
    /// <param name="memory">The frames' bytes.</param>
    /// <param name="isReadOnly">Whether they are for reading only, as page tables have to be that Xen holds.</param>
    /// <returns>0, or the error; if one frame cannot be mapped, none is.</returns>
    int Map(ushort domain, ReadOnlySpan<Mfn> frames, out IHostMemory? memory, bool isReadOnly = false);

    /// <summary>Maps the first frame of a domain's grant table.</summary>
    /// <param name="domain">The domain's number.</param>
    /// <param name="memory">The frame's bytes.</param>
    /// <returns>0, or the error.</returns>
    int MapGrantTable(ushort domain, out IHostMemory? memory);

    /// <summary>Opens a set of event channels of the control domain.</summary>
    /// <param name="events">The set, empty.</param>
    /// <returns>0, or the error.</returns>
    int OpenEvents(out IEventChannels? events);
}
