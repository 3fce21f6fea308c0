namespace BootProtocol.Rules;

/// <summary>A way to start a kernel, and whether this one can be started so.</summary>
/// <param name="Name">The way: one of the names in <see cref="BootWays"/>.</param>
/// <param name="Reason">Why the kernel cannot be started so, in one line; null if it can.</param>
public sealed record BootWay(string Name, string? Reason)
{
    /// <summary>Whether the kernel can be started so.</summary>
    public bool Possible => Reason is null;
}
