namespace BootProtocol.Output;

/// <summary>Memory that a file brings along.</summary>
/// <param name="Address">Its first physical address.</param>
/// <param name="Bytes">What is there; it is written out of this memory, without a copy.</param>
/// <param name="MemorySize">Its size, in bytes, at least that of <paramref name="Bytes"/>; what these leave is zero.</param>
/// <example><code>
/// var code = new PhysicalSegment(new Paddr(0x100000), new byte[] { 0xf4, 0xeb, 0xfd });      // hlt; jmp back
/// using FileStream file = File.Create(Path.Combine(folder, "halt.elf"));
/// PvhElf.Write(file, code.Address, [code]);
/// </code></example>
public readonly record struct PhysicalSegment(Paddr Address, ReadOnlyMemory<byte> Bytes, ulong MemorySize)
{
    /// <summary>A segment of which every byte is given.</summary>
    /// <param name="address">Its first physical address.</param>
    /// <param name="bytes">What is there.</param>
    public PhysicalSegment(Paddr address, ReadOnlyMemory<byte> bytes)
        : this(address, bytes, (ulong)bytes.Length)
    {
    }
}
