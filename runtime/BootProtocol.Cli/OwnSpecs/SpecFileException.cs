namespace BootProtocol.Cli.OwnSpecs;

/// <summary>Ends the command because spec files are broken: a line on standard error for each mistake.</summary>
/// <param name="lines">The lines, each with the file and the place in it.</param>
internal sealed class SpecFileException(IReadOnlyList<string> lines) : Exception(lines[0])
{
    /// <summary>The lines, each with the file and the place in it.</summary>
    public IReadOnlyList<string> Lines { get; } = lines;
}
