using System;

namespace BootProtocol.Generators.Binding;

/// <summary>Keeps the next free place in one variant of a structure, in bytes from its own start.</summary>
internal sealed class LayoutCursor(bool isPacked)
{
    private long _groupStart;

    /// <summary>The end of the row or union above.</summary>
    public long End { get; private set; }

    /// <summary>The strictest alignment of any row so far.</summary>
    public int Alignment { get; private set; } = 1;

    /// <summary>False behind a row that could not be placed: then the next written offset is believed.</summary>
    public bool IsKnown { get; private set; } = true;

    /// <summary>Whether a row stands above.</summary>
    public bool HasRow { get; private set; }

    /// <summary>The size of the whole structure, trailing alignment included.</summary>
    public long Size => Align(End, Alignment);

    /// <summary>Where a row with this alignment goes if nothing else is said.</summary>
    public long Next(int alignment) => Align(End, alignment);

    /// <summary>Places a row, alone or as the first member of a union.</summary>
    public void Place(long offset, long size, int alignment)
    {
        _groupStart = offset;
        HasRow = true;
        IsKnown = true;
        End = offset + size;
        Alignment = Math.Max(Alignment, isPacked ? 1 : alignment);
    }

    /// <summary>Places a row at the start of the row above.</summary>
    public long PlaceSame(long size, int alignment)
    {
        End = Math.Max(End, _groupStart + size);
        Alignment = Math.Max(Alignment, isPacked ? 1 : alignment);
        return _groupStart;
    }

    /// <summary>Notes that a row is missing here.</summary>
    public void Lose() => IsKnown = false;

    private long Align(long offset, int alignment) => isPacked ? offset : (offset + alignment - 1) / alignment * alignment;
}
