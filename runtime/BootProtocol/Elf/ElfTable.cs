namespace BootProtocol.Elf;

/// <summary>A table in an ELF file that is known to lie inside the file.</summary>
/// <param name="Offset">The file offset of the first entry, in bytes.</param>
/// <param name="Count">The number of entries.</param>
/// <param name="Stride">The distance from entry to entry in bytes; at least an entry's size.</param>
internal readonly record struct ElfTable(long Offset, int Count, int Stride)
{
    /// <summary>The file offset behind the last entry.</summary>
    public long End => Offset + ((long)Count * Stride);

    /// <summary>The file offset of an entry.</summary>
    public long At(int index) => Offset + ((long)index * Stride);
}
