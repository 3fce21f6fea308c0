using System.Buffers.Binary;
using System.IO.Hashing;
using BootProtocol.Images;
using BootProtocol.LinuxX86;

namespace BootProtocol.Runtime.Tests.Images;

/// <summary>A small bzImage without a kernel: header, version text, <c>kernel_info</c> and CRC-32, written with the generated writers.</summary>
/// <remarks>Its code stops the processor. What its header says can be changed without a kernel to care for.</remarks>
internal static class HeaderOnlyImage
{
    /// <summary>Sectors of setup code behind the boot sector.</summary>
    private const int SetupSectors = 3;

    /// <summary>Bytes of the protected-mode part, a multiple of 16; the 64-bit entry is 0x200 bytes into it.</summary>
    private const int ProtectedModeLength = 0x800;

    /// <summary>Where the version text stands; its field counts from the end of the boot sector.</summary>
    private const int VersionOffset = 0x300;

    /// <summary>Where <c>kernel_info</c> stands in the protected-mode part.</summary>
    private const int KernelInfoOffset = 0x400;

    private const int LongModeEntry = 0x200;
    private const byte ShortJump = 0xeb;
    private const uint LoadAddress = 0x100000;
    private const uint PreferredAddress = 0x1000000;
    private const uint Alignment = 0x200000;
    private const byte AlignmentPower = 21;

    private static ReadOnlySpan<byte> VersionText => "0.1.0-sample (bootproto) #1 sample image that stops the processor\0"u8;

    /// <summary>Interrupts off, halt, and again: the same bytes in 16-, 32- and 64-bit mode.</summary>
    private static ReadOnlySpan<byte> Stop => [0xfa, 0xf4, 0xeb, 0xfc];

    /// <summary>Makes the image; every call gives the same bytes.</summary>
    public static byte[] Create()
    {
        byte[] image = new byte[((1 + SetupSectors) * BootImage.SectorSize) + ProtectedModeLength];
        Span<byte> protectedMode = image.AsSpan((1 + SetupSectors) * BootImage.SectorSize);

        WriteHeader(image.AsSpan(BootImage.SetupHeaderOffset));
        VersionText.CopyTo(image.AsSpan(VersionOffset));
        Stop.CopyTo(image.AsSpan(BootImage.SetupHeaderOffset + SetupHeader.Layout.Size));
        Stop.CopyTo(protectedMode);
        Stop.CopyTo(protectedMode[LongModeEntry..]);

        KernelInfo.Author info = KernelInfo.Create(protectedMode[KernelInfoOffset..]);
        info.SizeTotal = (uint)KernelInfo.Layout.Size;
        info.SetupTypeMax = SetupIndirectType.Indirect | (SetupIndirectType)SetupDataType.KexecKho;

        // The kernel stores the CRC without the final inversion, which undoes it once more here.
        uint checksum = ~Crc32.HashToUInt32(image.AsSpan(..^sizeof(uint)));
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(^sizeof(uint)..), checksum);
        return image;
    }

    private static void WriteHeader(Span<byte> place)
    {
        SetupHeader.Author header = SetupHeader.Create(place);
        header.SetupSects = SetupSectors;
        header.Syssize = ProtectedModeLength / BootImage.ParagraphSize;
        header.VidMode = VideoMode.Normal;
        header.Jump = (ushort)(ShortJump | ((SetupHeader.Layout.Size - SetupHeader.Layout.Info.EndByte!.Value - 1) << 8));
        header.KernelVersion = VersionOffset - BootImage.SectorSize;
        header.Loadflags = LoadFlags.LoadedHigh;
        header.Code32Start = new Paddr(LoadAddress);
        header.InitrdAddrMax = int.MaxValue;
        header.KernelAlignment = Alignment;
        header.RelocatableKernel = 1;
        header.MinAlignment = AlignmentPower;
        header.Xloadflags = XloadFlags.Kernel64 | XloadFlags.CanBeLoadedAbove4G;
        header.CmdlineSize = 2047;
        header.PrefAddress = new Paddr(PreferredAddress);
        header.InitSize = Alignment;
        header.KernelInfoOffset = KernelInfoOffset;
    }
}
