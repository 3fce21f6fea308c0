using System.Buffers.Binary;
using BootProtocol.Images;

namespace BootProtocol.Fuzz;

/// <summary>Where inputs have structures. What an input says of itself is followed as far as it makes sense.</summary>
internal static class Places
{
    private const int SectorSize = BootImage.SectorSize;
    private const int PayloadOffsetField = 0x248;
    private const int PeOffsetField = 0x3c;

    /// <summary>Setup header, start of the payload, and the image's end.</summary>
    public static Range[] OfImage(byte[] image)
    {
        int start = BootImage.SetupHeaderOffset;
        if (image.Length < start + 0x80)
            return Anywhere(image);
        long payload = ((image[start] + 1) * SectorSize) + (long)BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(PayloadOffsetField));
        int inside = (int)Math.Min(payload, image.Length - 1);
        return [start..(start + 0x80), inside..Math.Min(inside + SectorSize, image.Length), Math.Max(0, image.Length - SectorSize)..image.Length];
    }

    /// <summary>The headers at the start; notes and tables are wherever they are, but most of them in the last pages.</summary>
    public static Range[] OfElf(byte[] file) => file.Length <= 64
        ? Anywhere(file)
        : [0..64, 52..Math.Min(SectorSize, file.Length), Math.Max(0, file.Length - 4096)..file.Length];

    /// <summary>The headers and what follows them.</summary>
    public static Range[] OfPe(byte[] file)
    {
        if (file.Length < PeOffsetField + sizeof(uint))
            return Anywhere(file);
        int start = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(PeOffsetField)), (uint)file.Length - 1);
        return [0..Math.Min(0x40, file.Length), start..Math.Min(start + 0x188, file.Length), start..file.Length];
    }

    /// <summary>The headers at the start, and what stands at the end of most formats.</summary>
    public static Range[] OfStream(byte[] stream) => stream.Length <= 40 ? Anywhere(stream) : [0..40, (stream.Length - 32)..stream.Length, 0..stream.Length];

    /// <summary>All of it.</summary>
    public static Range[] Anywhere(byte[] input) => [0..input.Length];
}
