using BootProtocol.Specs;

namespace BootProtocol.Cli.Reference;

/// <summary>A piece of a field in a row of a drawing.</summary>
/// <param name="Field">The field.</param>
/// <param name="Start">Its first column.</param>
/// <param name="End">The column behind it.</param>
/// <param name="Lane">Which of the lanes above each other it lies in, of fields that share a place.</param>
/// <param name="Lanes">How many lanes there are.</param>
/// <param name="IsCut">Whether it stands for more bytes than it has columns.</param>
internal sealed record DrawnCell(SpecField Field, int Start, int End, int Lane, int Lanes, bool IsCut)
{
    /// <summary>How many columns it takes.</summary>
    public int Width => End - Start;
}
