namespace BootProtocol.Memory;

/// <summary>A claimed range of guest memory.</summary>
/// <param name="Start">Its first address; a page's.</param>
/// <param name="Memory">Its bytes; whole pages.</param>
/// <example><code>
/// foreach (GuestExtent extent in linux.Memory.Extents)
///     Console.WriteLine($"{extent.Start} to {extent.End}: {extent.Memory.Length} bytes");
/// </code></example>
public readonly record struct GuestExtent(Paddr Start, Memory<byte> Memory)
{
    /// <summary>The address behind its last byte.</summary>
    public Paddr End => new(Start.Value + (ulong)Memory.Length);
}
