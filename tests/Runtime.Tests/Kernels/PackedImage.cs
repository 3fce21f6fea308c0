using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using BootProtocol.Images;
using BootProtocol.Runtime.Tests.Images;

namespace BootProtocol.Runtime.Tests.Kernels;

/// <summary>Makes bzImages with payloads of the tests' own: the setup part of another image, and what a kernel's build puts behind it.</summary>
internal static class PackedImage
{
    public const int PayloadOffset = 0x40;

    private const int PayloadLengthField = 0x24c;
    private const int PayloadOffsetField = 0x248;
    private const int SyssizeField = 0x1f4;
    private const int KernelInfoField = 0x268;
    private const int KernelInfoLength = 16;

    /// <summary>Makes an image of a small base.</summary>
    public static byte[] Create(ReadOnlySpan<byte> payload) => Create(HeaderOnlyImage.Create(), payload);

    /// <summary>Puts a payload into a copy of an image's setup part; sizes, kernel_info and CRC-32 are made right.</summary>
    /// <param name="source">The image to take the setup part of; protocol 2.08 or later.</param>
    /// <param name="payload">The payload, with its size trailer.</param>
    public static byte[] Create(ReadOnlyMemory<byte> source, ReadOnlySpan<byte> payload)
    {
        using var image = BootImage.Open(source);
        int setup = image.SetupLength;
        int info = PayloadOffset + payload.Length;
        int length = (info + KernelInfoLength + sizeof(uint) + 15) & ~15;
        byte[] bytes = new byte[setup + length];
        source.Span[..setup].CopyTo(bytes);
        payload.CopyTo(bytes.AsSpan(setup + PayloadOffset));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(SyssizeField), (uint)length / 16);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(PayloadOffsetField), PayloadOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(PayloadLengthField), (uint)payload.Length);
        if (image.TryGetKernelInfo(out var old, out _))
        {
            old.AsSpan()[..KernelInfoLength].CopyTo(bytes.AsSpan(setup + info));
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(setup + info + 8), KernelInfoLength);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(KernelInfoField), (uint)info);
        }

        SetChecksum(bytes);
        return bytes;
    }

    /// <summary>Makes the CRC-32 at an image's end right.</summary>
    public static void SetChecksum(byte[] image) =>
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(^4..), ~Crc32.HashToUInt32(image.AsSpan(..^4)));

    /// <summary>A stream with the size of what it holds behind it.</summary>
    public static byte[] WithTrailer(ReadOnlySpan<byte> stream, uint size)
    {
        byte[] payload = [.. stream, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(^4..), size);
        return payload;
    }

    /// <summary>A payload of gzip, whose last word is the size.</summary>
    public static byte[] Gzip(byte[] kernel)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Fastest))
            stream.Write(kernel);
        return packed.ToArray();
    }
}
