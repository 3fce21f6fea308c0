namespace BootProtocol.Memory;

/// <summary>Machine frames in one piece: frame n of the guest is <paramref name="first"/> + n.</summary>
/// <param name="first">The machine frame of the guest's frame 0.</param>
public sealed class ContiguousFrames(Mfn first) : IMachineFrames
{
    /// <inheritdoc/>
    public Mfn this[Pfn pfn] => new(first.Value + pfn.Value);
}
