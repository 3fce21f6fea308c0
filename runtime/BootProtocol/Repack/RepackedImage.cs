using System.Collections.Immutable;

namespace BootProtocol.Repack;

/// <summary>A changed image, to be written.</summary>
/// <remarks>Parts that are as they were are those of the image that it was made of: it has to stay open until this one is written.</remarks>
/// <example><code>
/// RepackedImage changed = new ImageRepacker { CommandLine = "console=ttyS0 quiet" }.Repack(unified);
/// using FileStream file = File.Create(Path.Combine(folder, "changed.efi"));
/// changed.WriteTo(file);
/// Console.WriteLine($"{changed.Length} bytes");
/// </code></example>
public sealed class RepackedImage
{
    private readonly ImmutableArray<ReadOnlyMemory<byte>> _parts;

    internal RepackedImage(ImmutableArray<ReadOnlyMemory<byte>> parts, PayloadPacking? packing)
    {
        _parts = parts;
        Packing = packing;
        foreach (ReadOnlyMemory<byte> part in parts)
            Length += part.Length;
    }

    /// <summary>Its bytes.</summary>
    public long Length { get; }

    /// <summary>How its kernel was packed; null if the kernel is as it was.</summary>
    public PayloadPacking? Packing { get; }

    /// <summary>Writes it.</summary>
    /// <param name="stream">Where it goes, from the stream's position on; it is not closed.</param>
    /// <exception cref="IOException">The stream takes nothing.</exception>
    public void WriteTo(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        foreach (ReadOnlyMemory<byte> part in _parts)
            stream.Write(part.Span);
    }

    /// <summary>Copies it into new memory.</summary>
    public byte[] ToArray()
    {
        byte[] bytes = new byte[Length];
        using var stream = new MemoryStream(bytes);
        WriteTo(stream);
        return bytes;
    }
}
