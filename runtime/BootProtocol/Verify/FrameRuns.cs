using System.Collections.Immutable;
using BootProtocol.Memory;

namespace BootProtocol.Verify;

/// <summary>Machine frames in pieces.</summary>
internal sealed class FrameRuns : IMachineFrames
{
    /// <summary>No machine has it: page tables hold numbers of 40 bits.</summary>
    private static readonly Mfn _none = new(ulong.MaxValue);

    private readonly ImmutableArray<(Pfn First, Mfn Machine)> _starts;
    private readonly Pfn _end;

    /// <summary>The pieces by ascending machine frames.</summary>
    private readonly (Mfn Machine, Pfn First, ulong Count)[] _byMachine;

    /// <summary>Takes the pieces.</summary>
    /// <param name="starts">The first frame of each piece, ascending from frame 0 on, and the machine frame behind it.</param>
    /// <param name="end">The frame behind the last one.</param>
    public FrameRuns(ImmutableArray<(Pfn First, Mfn Machine)> starts, Pfn end)
    {
        _starts = starts;
        _end = end;
        _byMachine = new (Mfn Machine, Pfn First, ulong Count)[starts.Length];
        for (int i = 0; i < starts.Length; i++)
        {
            Pfn next = i + 1 < starts.Length ? starts[i + 1].First : end;
            _byMachine[i] = (starts[i].Machine, starts[i].First, next.Value - starts[i].First.Value);
        }

        Array.Sort(_byMachine, static (one, other) => one.Machine.CompareTo(other.Machine));
    }

    /// <inheritdoc/>
    public Mfn this[Pfn pfn]
    {
        get
        {
            if (pfn >= _end)
                return _none;
            int low = 0;
            for (int high = _starts.Length; high - low > 1;)
            {
                int middle = low + ((high - low) / 2);
                if (_starts[middle].First <= pfn)
                    low = middle;
                else
                    high = middle;
            }

            return new Mfn(_starts[low].Machine.Value + (pfn.Value - _starts[low].First.Value));
        }
    }

    /// <summary>Finds a machine frame that is behind several frames; null if there is none.</summary>
    public Mfn? FindShared()
    {
        for (int i = 1; i < _byMachine.Length; i++)
        {
            if (_byMachine[i].Machine.Value - _byMachine[i - 1].Machine.Value < _byMachine[i - 1].Count)
                return _byMachine[i].Machine;
        }

        return null;
    }

    /// <summary>Finds the frame that a machine frame is behind, where none is behind several; null if there is none.</summary>
    public Pfn? Find(Mfn mfn)
    {
        int low = 0;
        int high = _byMachine.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_byMachine[middle].Machine <= mfn)
                low = middle + 1;
            else
                high = middle;
        }

        if (low == 0)
            return null;
        (Mfn machine, Pfn first, ulong count) = _byMachine[low - 1];
        ulong distance = mfn.Value - machine.Value;
        return distance < count ? new Pfn(first.Value + distance) : null;
    }
}
