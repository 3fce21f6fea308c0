using System.Collections.Immutable;
using BootProtocol.Memory;

namespace BootProtocol.Verify;

/// <summary>Machine frames in pieces.</summary>
/// <param name="starts">The first frame of each piece, ascending from frame 0 on, and the machine frame behind it.</param>
/// <param name="end">The frame behind the last one.</param>
internal sealed class FrameRuns(ImmutableArray<(Pfn First, Mfn Machine)> starts, Pfn end) : IMachineFrames
{
    /// <summary>No machine has it: page tables hold numbers of 40 bits.</summary>
    private static readonly Mfn _none = new(ulong.MaxValue);

    /// <inheritdoc/>
    public Mfn this[Pfn pfn]
    {
        get
        {
            if (pfn >= end)
                return _none;
            int low = 0;
            for (int high = starts.Length; high - low > 1;)
            {
                int middle = low + ((high - low) / 2);
                if (starts[middle].First <= pfn)
                    low = middle;
                else
                    high = middle;
            }

            return new Mfn(starts[low].Machine.Value + (pfn.Value - starts[low].First.Value));
        }
    }
}
