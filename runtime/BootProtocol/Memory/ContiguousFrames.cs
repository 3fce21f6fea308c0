namespace BootProtocol.Memory;

/// <summary>Machine frames in one piece: frame n of the guest is <paramref name="first"/> + n.</summary>
/// <param name="first">The machine frame of the guest's frame 0.</param>
/// <example><code>
/// var frames = new ContiguousFrames(new Mfn(0x8000));
/// using XenPvDomain guest = new XenPvBuilder { MemorySize = 16 &lt;&lt; 20, Frames = frames }.Build(kernel);
/// Console.WriteLine(frames[guest.TopTable]);
/// </code></example>
public sealed class ContiguousFrames(Mfn first) : IMachineFrames
{
    /// <inheritdoc/>
    public Mfn this[Pfn pfn] => new(first.Value + pfn.Value);
}
