using BootProtocol.Memory;

namespace BootProtocol.Verify;

/// <summary>The guest's frames by the machine frames behind them.</summary>
internal sealed class MachineMap
{
    private readonly ulong _count;

    /// <summary>The first machine frame, if all are in one piece; then there is no list of them.</summary>
    private readonly Mfn? _first;

    /// <summary>The machine frames, if they are in a few pieces; then there is no list of them either.</summary>
    private readonly FrameRuns? _runs;
    private readonly Dictionary<Mfn, Pfn> _frames = [];

    public MachineMap(XenPvImage image)
    {
        _count = image.FrameCount;
        if (image.Frames is ContiguousFrames frames)
        {
            _first = frames[default];
            return;
        }

        if (image.Frames is FrameRuns runs)
        {
            _runs = runs;
            return;
        }

        _frames.EnsureCapacity((int)_count);
        for (ulong pfn = 0; pfn < _count; pfn++)
            _frames.TryAdd(image.Frames[new Pfn(pfn)], new Pfn(pfn));
    }

    /// <summary>The guest's frame; null if the machine frame is none of the domain's.</summary>
    public Pfn? Find(Mfn mfn)
    {
        if (_runs is not null)
            return _runs.Find(mfn) is { } frame && frame.Value < _count ? frame : null;
        if (_first is not { } first)
            return _frames.TryGetValue(mfn, out Pfn pfn) ? pfn : null;
        return mfn >= first && mfn.Value - first.Value < _count ? new Pfn(mfn.Value - first.Value) : null;
    }
}
