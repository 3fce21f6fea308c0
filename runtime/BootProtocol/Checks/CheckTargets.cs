using System.Collections.Immutable;

namespace BootProtocol.Checks;

/// <summary>The names of what images are started by.</summary>
/// <example><code>
/// foreach (string name in CheckTargets.Names)
///     Console.WriteLine(name);
/// </code></example>
public static class CheckTargets
{
    /// <summary>All names, in the order of <see cref="CheckTarget"/>.</summary>
    public static ImmutableArray<string> Names { get; } = ["qemu", "firecracker", "cloud-hypervisor", "xen-pv", "xen-pvh", "kexec", "grub", "uefi"];

    /// <summary>The name of a target.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is none.</exception>
    public static string Name(CheckTarget target)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)target, (uint)CheckTarget.Uefi, nameof(target));
        return Names[(int)target];
    }

    /// <summary>Finds the target that has a name.</summary>
    /// <param name="name">The name, in lower case as <see cref="Name"/> gives it.</param>
    /// <param name="target">The target.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryParse(string? name, out CheckTarget target)
    {
        int index = name is null ? -1 : Names.IndexOf(name);
        target = (CheckTarget)Math.Max(index, 0);
        return index >= 0;
    }
}
