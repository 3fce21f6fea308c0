using BootProtocol.Memory;

namespace BootProtocol.Runtime.Tests.XenPv;

/// <summary>Machine frames in no order, as a hypervisor may give them.</summary>
internal sealed class ShuffledFrames : IMachineFrames
{
    private readonly ulong[] _frames;

    public ShuffledFrames(ulong first, int count)
    {
        _frames = [.. Enumerable.Range(0, count).Select(i => first + (2 * (ulong)i))];
        new Random(count).Shuffle(_frames);
    }

    public Mfn this[Pfn pfn] => new(_frames[pfn.Value]);
}
