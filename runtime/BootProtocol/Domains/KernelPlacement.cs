namespace BootProtocol.Domains;

/// <summary>Where a kernel stands in a domain.</summary>
/// <param name="Word">Its word size.</param>
/// <param name="Start">The physical address of its first byte.</param>
/// <param name="Length">Its bytes in memory.</param>
/// <param name="LinkedStart">The physical address for which its first byte was linked.</param>
/// <param name="VirtualOffset">How much higher than linked its virtual addresses are, in bytes.</param>
/// <param name="Entry">The address of the first instruction, in the address space in which the domain starts.</param>
/// <example><code>
/// KernelPlacement placement = linux.Placement;
/// Console.WriteLine($"{placement.Length} bytes at {placement.Start}, linked for {placement.LinkedStart}, entered at 0x{placement.Entry:x}");
/// </code></example>
public sealed record KernelPlacement(WordSize Word, Paddr Start, ulong Length, Paddr LinkedStart, ulong VirtualOffset, ulong Entry);
