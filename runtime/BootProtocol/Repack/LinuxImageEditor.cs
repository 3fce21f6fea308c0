using System.Buffers.Binary;
using BootProtocol.Decompress;
using BootProtocol.Images;
using BootProtocol.Kernels;
using BootProtocol.Pe;

namespace BootProtocol.Repack;

/// <summary>Changes bzImages.</summary>
internal static class LinuxImageEditor
{
    /// <summary>Makes the changed image.</summary>
    /// <inheritdoc cref="ImageRepacker.Repack"/>
    public static RepackedImage Repack(BootImage image, ImageRepacker request)
    {
        int length = request.CheckSignature(image);
        ChecksumState checksum = image.Checksum;
        byte[] file = image.Bytes[..length].ToArray();
        PayloadPacking? packing = null;
        if (request.Vmlinux is not null || request.Initramfs is not null || request.CommandLine is not null)
        {
            KernelPayload payload = Require(image);
            byte[] kernel = ChangedKernel(payload, request);
            Memory<byte> room = file.AsMemory(payload.Offset, payload.Length);
            if (payload.Format == PayloadFormat.None)
                kernel.CopyTo(room);
            else
                packing = PayloadPacker.Pack(payload, kernel, room, request.Cancellation);
        }

        Seal(image, file, checksum);
        return new RepackedImage([file], packing);
    }

    /// <summary>The payload that the header names.</summary>
    private static KernelPayload Require(BootImage image)
    {
        if (image.FindPayload(search: false) is { Origin: PayloadOrigin.Header } payload)
            return payload;
        throw new BootFormatException(
            BootErrorCode.Missing, "setup_header", "payload_offset", null, "an image whose header says where its kernel is (protocol 2.08)", "none");
    }

    private static byte[] ChangedKernel(KernelPayload payload, ImageRepacker request)
    {
        using Kernel old = payload.Decompress(cancellation: request.Cancellation);
        byte[] kernel = old.DecodeAll().ToArray();
        if (request.Vmlinux is { } other)
        {
            ReplacedKernel.Check(old, other);
            other.CopyTo(kernel);
        }

        if (request.Initramfs is { } archive)
            new KernelEditor(kernel).ReplaceInitramfs(archive.Span);
        if (request.CommandLine is { } line)
            new KernelEditor(kernel).ReplaceCommandLine(line);
        return kernel;
    }

    /// <summary>Mends the headers of a signed image that is signed no longer, and the checksums.</summary>
    private static void Seal(BootImage image, byte[] file, ChecksumState checksum)
    {
        bool isStripped = file.Length < image.Bytes.Length;
        bool hasPeChecksum = PeFields.ClearChecksum(file);
        if (isStripped)
            PeFields.ClearCertificates(file);
        if (checksum == ChecksumState.Valid)
        {
            // One that was wrong stays wrong: a right one would say that the image is as its build made it.
            // As the kernel's build computes it, when the PE headers have no checksum yet.
            Span<byte> content = file.AsSpan(0, Math.Min(file.Length, image.ContentLength));
            BinaryPrimitives.WriteUInt32LittleEndian(content[^sizeof(uint)..], ImageChecksum.Of(content[..^sizeof(uint)]));
        }

        // The build writes none: who signs it does.
        if (hasPeChecksum && !isStripped)
            PeFields.SetChecksum(file);
    }
}
