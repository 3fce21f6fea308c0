using System.Numerics;
using System.Runtime.InteropServices;
using BootProtocol.Testing;
using SharpFuzz.Common;

namespace BootProtocol.Fuzz;

/// <summary>What instrumented code has counted: for each edge, which is a place of the map, how often it was taken.</summary>
/// <remarks>
/// A number of times counts as its power of two, so that a loop's next round is nothing new. Edges may share a place; few do.
/// </remarks>
internal sealed unsafe class CoverageMap
{
    private const int Size = InstrumentedContext.CounterLength;

    private readonly byte[] _seen = new byte[Size];

    private static Span<byte> Counters => new(Trace.SharedMem, Size);

    /// <summary>Edges that were taken by any input that was added.</summary>
    public int Edges => Size - _seen.AsSpan().Count((byte)0);

    /// <summary>Counts from 0 on.</summary>
    public static void Restart()
    {
        Counters.Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>The edges taken since the restart, as a map of their own.</summary>
    public static CoverageMap Take()
    {
        var map = new CoverageMap();
        map.Add();
        return map;
    }

    /// <summary>Adds what was counted since the restart.</summary>
    /// <returns>Whether any of it is new: an edge, or a power of two.</returns>
    public bool Add()
    {
        bool isNew = false;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(Counters);
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] == 0)
                continue;
            for (int place = i * sizeof(ulong); place < (i + 1) * sizeof(ulong); place++)
            {
                isNew |= IsNew(place);
                _seen[place] |= (byte)Bit(place);
            }
        }

        return isNew;
    }

    /// <summary>Whether anything of what was counted since the restart is new. Nothing is added.</summary>
    public bool HasNews()
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(Counters);
        for (int i = 0; i < words.Length; i++)
        {
            for (int place = i * sizeof(ulong); words[i] != 0 && place < (i + 1) * sizeof(ulong); place++)
            {
                if (IsNew(place))
                    return true;
            }
        }

        return false;
    }

    /// <summary>Whether all edges of another map are among these.</summary>
    public bool HasEdgesOf(CoverageMap other)
    {
        for (int i = 0; i < Size; i++)
        {
            if (other._seen[i] != 0 && _seen[i] == 0)
                return false;
        }

        return true;
    }

    private static int Bit(int place) => Counters[place] == 0 ? 0 : 1 << BitOperations.Log2(Counters[place]);

    private bool IsNew(int place) => (Bit(place) & ~_seen[place]) != 0;
}
