namespace BootProtocol.Kernels.Options;

/// <summary>What proves an option.</summary>
/// <param name="Option">The option.</param>
/// <param name="Names">The names of what proves it, one of which is enough, with blanks between them.</param>
/// <param name="Since">The first version of Linux that it does so in.</param>
/// <param name="Until">The last version of Linux that has the option by this name.</param>
internal sealed record OptionWitness(string Option, string Names, int Since = OptionWitness.First, int Until = int.MaxValue)
{
    /// <summary>Linux 5.10, the oldest that all were held against.</summary>
    public const int First = (5 << Shift) + 10;

    /// <summary>Linux 3.0, since when a few have not changed.</summary>
    public const int Early = 3 << Shift;

    /// <summary>Linux 6.9, since when options against faults of processors have the names that they have.</summary>
    public const int Mitigations = (6 << Shift) + 9;

    /// <summary>The newest Linux that absence was held against: in a later one, a function may have got another name.</summary>
    public const int Newest = (7 << Shift) + 3;

    private const int Shift = 16;

    /// <summary>A version as a number.</summary>
    public static int Linux(int major, int minor) => (major << Shift) + minor;

    /// <summary>Whether something that is there proves the option in a version.</summary>
    public bool IsFor(int version) => version >= Since && version <= Until;
}
