namespace BootProtocol.Elf;

/// <summary>What the virtual addresses of an ELF file, such as a decoded kernel, lead to: the bytes of its load segments, as they are in the file.</summary>
/// <remarks>
/// Memory that a segment only reserves (<c>p_memsz</c> beyond <c>p_filesz</c>) has no bytes there. Relocations are not applied: addresses are those
/// that the file was linked for. Where segments overlap, the first that has the address counts.
/// </remarks>
/// <example><code>
/// var space = new ElfAddresses(kernel.Elf);
/// if (kernel.Symbols is { } symbols &amp;&amp; symbols.TryFind("linux_banner", out KernelSymbol banner))
///     Console.WriteLine(Encoding.ASCII.GetString(space.Read(banner.Address.Value, 13)));
/// </code></example>
public sealed class ElfAddresses : IAddressSpace
{
    private readonly ElfFile _file;

    /// <summary>Looks at a file.</summary>
    /// <param name="file">The file; it has to live as long as the space.</param>
    public ElfAddresses(ElfFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        _file = file;
    }

    /// <inheritdoc />
    /// <exception cref="BootFormatException">The file's segments are broken, or its bytes cannot be decoded that far.</exception>
    public ReadOnlySpan<byte> Read(ulong address, int most)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        foreach (Segment segment in _file.LoadSegments)
        {
            ulong distance = unchecked(address - segment.VirtualAddress.Value);
            if (address < segment.VirtualAddress.Value || distance >= segment.FileSize)
                continue;
            long offset = (long)(segment.FileOffset + distance);
            ulong there = Math.Min(segment.FileSize - distance, (ulong)Math.Max(_file.Bytes.Length - offset, 0));
            return _file.Bytes.Read(offset, (int)Math.Min(there, (ulong)most));
        }

        return [];
    }
}
