using BootProtocol.LinuxX86;

namespace BootProtocol.Memory;

/// <summary>A range of a machine's physical memory, as an E820 map describes it.</summary>
/// <param name="Start">Its first address.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Type">What it holds; the numbers are ACPI's, and those of PVH's memory map.</param>
/// <example><code>
/// var low = new MemoryRange(new Paddr(0), 0x9f000, E820Type.Ram);
/// var high = new MemoryRange(new Paddr(0x100000), 63 &lt;&lt; 20, E820Type.Ram);
/// var map = new MemoryMap([low, high]);
/// using LinuxDomain guest = new LinuxBootBuilder { MemorySize = 64 &lt;&lt; 20, Map = map }.Build(kernel);
/// Console.WriteLine(guest.Map.Ranges[^1].End);
/// </code></example>
public readonly record struct MemoryRange(Paddr Start, ulong Length, E820Type Type)
{
    /// <summary>The address behind its last byte; up to 2^64 - 1.</summary>
    public Paddr End => new(ulong.MaxValue - Start.Value < Length ? ulong.MaxValue : Start.Value + Length);

    /// <summary>The range as <c>0x0-0xa0000 RAM</c>.</summary>
    public override string ToString() => $"{Start}-{End} {Type.ToString().ToUpperInvariant()}";
}
