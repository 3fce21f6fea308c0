using System.Globalization;
using System.Text;

namespace BootProtocol.Cli.Reference;

/// <summary>The outline of a field that lies in boxes below each other, as the data of an SVG path.</summary>
internal sealed class CellOutline
{
    /// <summary>Half the height of the zigzag where a box is cut.</summary>
    private const int Zigzag = 8;

    private readonly StringBuilder _path = new();
    private readonly List<Box> _run = [];

    /// <summary>Adds a box below the last one.</summary>
    public void Add(Box box)
    {
        // Boxes that touch nowhere have an outline each.
        if (_run.Count > 0 && (box.Left >= _run[^1].Right || box.Right <= _run[^1].Left || box.Top != _run[^1].Bottom))
            Close();
        _run.Add(box);
    }

    /// <summary>The path's data.</summary>
    public override string ToString()
    {
        Close();
        return _path.ToString();
    }

    private void Close()
    {
        if (_run.Count == 0)
            return;
        Append($"M{_run[0].Left} {_run[0].Top}");
        foreach (Box box in _run)
        {
            Append($"H{box.Right}");
            if (box.IsCut)
                Append($"V{box.Middle - Zigzag}l4 4-8 8 4 4");
            Append($"V{box.Bottom}");
        }

        foreach (Box box in Enumerable.Reverse(_run))
        {
            Append($"H{box.Left}");
            if (box.IsCut)
                Append($"V{box.Middle + Zigzag}l-4-4 8-8-4-4");
            Append($"V{box.Top}");
        }

        _path.Append('Z');
        _run.Clear();
    }

    private void Append(FormattableString text) => _path.Append(text.ToString(CultureInfo.InvariantCulture));

    /// <summary>A box, in the drawing's units.</summary>
    /// <param name="Left">Its left edge.</param>
    /// <param name="Top">Its upper edge.</param>
    /// <param name="Right">Its right edge.</param>
    /// <param name="Bottom">Its lower edge.</param>
    /// <param name="IsCut">Whether its sides have a zigzag.</param>
    internal readonly record struct Box(int Left, int Top, int Right, int Bottom, bool IsCut)
    {
        /// <summary>Half way down.</summary>
        public int Middle => (Top + Bottom) / 2;
    }
}
