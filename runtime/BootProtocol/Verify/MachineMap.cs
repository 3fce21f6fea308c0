namespace BootProtocol.Verify;

/// <summary>The guest's frames by the machine frames behind them.</summary>
internal sealed class MachineMap
{
    private readonly Dictionary<Mfn, Pfn> _frames;

    public MachineMap(XenPvImage image)
    {
        _frames = new Dictionary<Mfn, Pfn>((int)image.FrameCount);
        for (ulong pfn = 0; pfn < image.FrameCount; pfn++)
            _frames.TryAdd(image.Frames[new Pfn(pfn)], new Pfn(pfn));
    }

    /// <summary>The guest's frame; null if the machine frame is none of the domain's.</summary>
    public Pfn? Find(Mfn mfn) => _frames.TryGetValue(mfn, out Pfn pfn) ? pfn : null;
}
