using System.Collections.Immutable;

namespace BootProtocol.Reports;

/// <summary>How high the parts of a memory are drawn.</summary>
internal sealed class DomainSvgScale
{
    private const double Least = 24;
    private const double LargestRegion = 260;
    private const double LargestGap = 64;
    private readonly double _heightOfByte;

    /// <summary>The largest region determines the scale.</summary>
    public DomainSvgScale(ImmutableArray<DomainMapRow> rows)
    {
        ulong largest = 1;
        foreach (DomainMapRow row in rows)
            largest = row.Kind == DomainMapKind.Region ? Math.Max(largest, row.Length) : largest;
        _heightOfByte = LargestRegion / largest;
    }

    /// <summary>The height of a part.</summary>
    public double HeightOf(DomainMapRow row) => Math.Clamp(row.Length * _heightOfByte, Least, LargestOf(row));

    /// <summary>Whether a part is drawn less high than its size asks for.</summary>
    public bool IsCut(DomainMapRow row) => row.Length * _heightOfByte > LargestOf(row);

    private static double LargestOf(DomainMapRow row) => row.Kind == DomainMapKind.Region ? LargestRegion + 1 : LargestGap;
}
