using BootProtocol.LinuxX86;

namespace BootProtocol.Memory;

/// <summary>A range of a machine's physical memory, as an E820 map tells it.</summary>
/// <param name="Start">Its first address.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Type">What it holds; the numbers are ACPI's, and those of PVH's memory map.</param>
/// <example><code>
/// var map = new MemoryMap([new MemoryRange(new Paddr(0), 64 &lt;&lt; 20, E820Type.Ram)]);
/// using LinuxDomain guest = new LinuxBootBuilder { MemorySize = 64 &lt;&lt; 20, Map = map }.Build(kernel);
/// Console.WriteLine(guest.Map.Ranges[0].End);
/// </code></example>
public readonly record struct MemoryRange(Paddr Start, ulong Length, E820Type Type)
{
    /// <summary>The address behind its last byte; up to 2^64 - 1.</summary>
    public Paddr End => new(ulong.MaxValue - Start.Value < Length ? ulong.MaxValue : Start.Value + Length);

    /// <summary>The range as <c>0x0-0xa0000 RAM</c>.</summary>
    public override string ToString() => $"{Start}-{End} {Type.ToString().ToUpperInvariant()}";
}
