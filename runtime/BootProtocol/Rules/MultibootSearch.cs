using BootProtocol.Multiboot;

namespace BootProtocol.Rules;

/// <summary>Finds the headers by which boot loaders such as GRUB recognise a Multiboot kernel.</summary>
/// <remarks>
/// Sources: Multiboot Specification 0.6.96, 3.1 (a header is in the first 8 KiB of the file, at a multiple of 4), and Multiboot2 Specification
/// 2.0, 3.1 (in the first 32 KiB, at a multiple of 8). A magic number whose checksum is wrong is none.
/// </remarks>
/// <example><code>
/// byte[] file = new byte[8192];
/// MultibootHeader.Build(file.AsSpan(64)).Finish();
/// if (MultibootSearch.TryFind(file, out MultibootHeader header, out int offset))
///     Console.WriteLine($"at 0x{offset:x}: {header.Flags}");
/// </code></example>
public static class MultibootSearch
{
    /// <summary>How many bytes at the start of a kernel can have a header of either kind.</summary>
    public const int Range = 32 << 10;

    private const int FirstRange = 8 << 10;

    /// <summary>Finds a Multiboot header.</summary>
    /// <param name="kernel">The kernel's file, or its first 8 KiB.</param>
    /// <param name="header">The header; not to be used if this returns false.</param>
    /// <param name="offset">Its offset in the file.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryFind(ReadOnlySpan<byte> kernel, out MultibootHeader header, out int offset)
    {
        kernel = kernel[..Math.Min(kernel.Length, FirstRange)];
        for (offset = 0; offset < kernel.Length; offset += sizeof(uint))
        {
            if (MultibootHeader.TryParse(kernel[offset..], out header, out _) && unchecked(header.Magic + (uint)header.Flags + header.Checksum) == 0)
                return true;
        }

        header = default;
        return false;
    }

    /// <summary>Finds a Multiboot2 header.</summary>
    /// <param name="kernel">The kernel's file, or its first 32 KiB.</param>
    /// <param name="header">The header; not to be used if this returns false.</param>
    /// <param name="offset">Its offset in the file.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryFind2(ReadOnlySpan<byte> kernel, out Multiboot2Header header, out int offset)
    {
        kernel = kernel[..Math.Min(kernel.Length, Range)];
        for (offset = 0; offset < kernel.Length; offset += sizeof(ulong))
        {
            if (Multiboot2Header.TryParse(kernel[offset..], out header, out _)
                && unchecked(header.Magic + (uint)header.Architecture + header.HeaderLength + header.Checksum) == 0)
            {
                return true;
            }
        }

        header = default;
        return false;
    }
}
