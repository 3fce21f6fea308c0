using System.Buffers.Binary;
using System.IO.Hashing;
using BootProtocol.Images;
using BootProtocol.LinuxX86;

namespace BootProtocol.Runtime.Tests.Images;

/// <summary>Images of our own making, for the corners that no kernel at hand has.</summary>
internal static class TestImages
{
    private const int EndByte = 0x201;
    private const int VersionOffset = 0x300;

    public static ReadOnlySpan<byte> VersionText => "2.4.0-test (somebody@somewhere)\0"u8;

    /// <summary>The sample image with its CRC-32 made right again after a change.</summary>
    public static byte[] Sample(Action<byte[]>? change = null)
    {
        byte[] image = HeaderOnlyImage.Create();
        change?.Invoke(image);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(^4..), ~Crc32.HashToUInt32(image.AsSpan(..^4)));
        return image;
    }

    /// <summary>Says that a kernel is packed in the image, as the build of Linux does.</summary>
    public static void AddPayload(byte[] image)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x248), 0x10);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(0x24c), 0x20);
    }

    /// <summary>The sample image as one of another protocol version, whose header ends at a file offset.</summary>
    public static byte[] Versioned(ushort version, int headerEnd) => Sample(image =>
    {
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x206), version);
        image[EndByte] = (byte)(headerEnd - EndByte - 1);
    });

    /// <summary>A zImage of an old protocol, written with the generated writer.</summary>
    public static byte[] ZImage(ProtocolVersion version, byte setupSectors = 1)
    {
        byte[] image = new byte[0x4000];
        SetupHeader.Author header = SetupHeader.Create(image.AsSpan(0x1f1), version);
        header.SetupSects = setupSectors;
        header.RootDev = 0x301;
        header.KernelVersion = VersionOffset - 0x200;
        VersionText.CopyTo(image.AsSpan(VersionOffset));
        return image;
    }

    /// <summary>An image from before protocol 2.00: a boot sector with its signature, and code.</summary>
    public static byte[] Old()
    {
        byte[] image = new byte[0x4000];
        image[0x1f1] = 4;
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x1fc), 0x301);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x1fe), 0xaa55);
        return image;
    }

    /// <summary>Asks an image everything that it can be asked.</summary>
    /// <returns>Null, or the one exception that bad bytes may lead to.</returns>
    public static BootFormatException? AskEverything(byte[] bytes)
    {
        BootFormatException? fault = null;
        BootImage? image = null;
        Ask(() => image = BootImage.Open(bytes));
        if (image is null)
            return fault;
        Ask(() => _ = image.Protocol);
        Ask(() => _ = image.SetupHeaderEnd);
        Ask(() => _ = image.SetupLength);
        Ask(() => _ = image.ImageLength);
        Ask(() => _ = image.IsTruncated);
        Ask(() => _ = image.TrailingLength);
        Ask(() => _ = image.KernelVersion);
        Ask(() => _ = image.DescribeSetupHeader()?.ToString());
        Ask(() => _ = image.DescribeElfHeader()?.ToString());
        Ask(() => image.TryGetKernelInfo(out _, out _));
        Ask(() =>
        {
            if (!image.TryGetPe(out PeView pe))
                return;
            _ = pe.DescribeHeader().ToString();
            _ = pe.DescribeOptionalHeader()?.ToString();
            _ = pe.DescribeDataDirectory().Count + pe.DescribeSections().Count;
            if (pe.Fault.IsError)
                throw pe.Fault.ToException();
        });
        Ask(() => _ = image.Checksum);
        Ask(() => _ = image.Signatures.Length);
        Ask(() => _ = image.UnifiedKernel?.Profiles[0].CommandLine);
        Ask(() => _ = image.Inner);
        Ask(image.EnsureComplete);
        return fault;

        void Ask(Action question)
        {
            try
            {
                question();
            }
            catch (BootFormatException exception)
            {
                Assert.DoesNotContain('\n', exception.Message);
                fault = exception;
            }
        }
    }
}
