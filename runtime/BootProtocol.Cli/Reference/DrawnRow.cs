namespace BootProtocol.Cli.Reference;

/// <summary>A row of a drawing.</summary>
/// <param name="Offset">The offset that stands beside it: that of its first byte, or of the field that shares its place with others.</param>
/// <param name="IsShared">Whether its field shares its place with those of the rows around it.</param>
internal sealed record DrawnRow(int Offset, bool IsShared)
{
    /// <summary>The pieces of fields in it.</summary>
    public List<DrawnCell> Cells { get; } = [];

    /// <summary>How many lanes are above each other where most are.</summary>
    public int Lanes => Cells.Max(static cell => cell.Lanes);
}
