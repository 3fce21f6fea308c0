namespace BootProtocol.Relocate;

/// <summary>What happens to the places of a relocation list when the kernel runs elsewhere than it was linked for.</summary>
/// <example><code>
/// foreach (RelocationKind kind in kernel.Relocations?.Kinds ?? [])
///     Console.WriteLine($"{kind}: {kernel.Relocations!.Count(kind)} places");
/// </code></example>
public enum RelocationKind
{
    /// <summary>A 64-bit number at the place grows by the distance.</summary>
    Add64,

    /// <summary>A 32-bit number at the place shrinks by the distance: addresses relative to per-CPU data, before Linux 6.15.</summary>
    Subtract32,

    /// <summary>A 32-bit number at the place grows by the distance.</summary>
    Add32,
}
