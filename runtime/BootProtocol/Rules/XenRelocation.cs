using System.Collections.Immutable;
using BootProtocol.Elf;

namespace BootProtocol.Rules;

/// <summary>Where a PVH kernel may be moved to: note <c>PHYS32_RELOC</c>, with a value for everything that it leaves out.</summary>
/// <param name="Alignment">The alignment of the place of its first byte, in bytes.</param>
/// <param name="Minimum">The lowest address of its first byte.</param>
/// <param name="Maximum">The highest address of its last byte.</param>
/// <example><code>
/// if (XenRelocation.Read(kernel.Elf) is { } relocation)
///     Console.WriteLine($"any multiple of 0x{relocation.Alignment:x} from {relocation.Minimum} to {relocation.Maximum}");
/// </code></example>
public sealed record XenRelocation(ulong Alignment, Paddr Minimum, Paddr Maximum)
{
    private const ulong DefaultAlignment = X86Page.LargeSize;

    /// <summary>Reads the note; null if the kernel has none, and must stay where it was linked.</summary>
    /// <remarks>
    /// A note without an alignment stands for the largest alignment of the segments, or for 2 MiB where that is below a page.
    /// </remarks>
    /// <exception cref="BootFormatException">The note holds something other than 32-bit numbers.</exception>
    public static XenRelocation? Read(ElfFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (file.Notes.Xen.Phys32Reloc is not { } values)
            return null;
        return new XenRelocation(
            Value(values, 0) ?? DefaultFor(file),
            new Paddr(Value(values, 1) ?? 0),
            new Paddr(Value(values, 2) ?? uint.MaxValue));
    }

    private static uint? Value(ImmutableArray<uint> values, int index) => index < values.Length ? values[index] : null;

    private static ulong DefaultFor(ElfFile file)
    {
        ulong largest = 0;
        foreach (Segment segment in file.LoadSegments)
            largest = Math.Max(largest, segment.Alignment);
        return largest >= X86Page.Size ? largest : DefaultAlignment;
    }
}
