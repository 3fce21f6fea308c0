using BootProtocol.Disk;

namespace BootProtocol.Images;

/// <summary>
/// Names what people hold in place of a kernel for x86: kernels for other processors, and files that lie beside kernels. The signs are
/// those of the formats' own documents, and where several formats share their first bytes, the longer sign decides.
/// </summary>
internal static class ForeignFormats
{
    /// <summary>The most bytes that are looked at of what may be text.</summary>
    private const int TextLength = 512;

    private const int SectorSize = 512;

    /// <summary>A sign: bytes at a place.</summary>
    private readonly record struct Sign(int Offset, byte[] Bytes, string Name);

    private static readonly Sign[] _kernels =
    [
        new(0x38, "ARMd"u8.ToArray(), "an ARM64 kernel (Image)"),
        new(0x30, "RISCV\0\0\0"u8.ToArray(), "a RISC-V kernel (Image)"),
        new(0x38, "RSC\u0005"u8.ToArray(), "a RISC-V kernel (Image)"),
        new(0x24, [0x18, 0x28, 0x6f, 0x01], "an ARM kernel (zImage)"),
    ];

    private static readonly Sign[] _signs =
    [
        new(0, [0x27, 0x05, 0x19, 0x56], "a U-Boot image (uImage)"),
        new(0, [0xd0, 0x0d, 0xfe, 0xed], "a flattened device tree (or FIT image)"),
        new(0, "ANDROID!"u8.ToArray(), "an Android boot image"),
        new(0, "VNDRBOOT"u8.ToArray(), "an Android vendor boot image"),
        new(0, "070701"u8.ToArray(), "a cpio archive"),
        new(0, "070702"u8.ToArray(), "a cpio archive"),
        new(0, "070707"u8.ToArray(), "a cpio archive"),
        new(0, [0xc7, 0x71], "a cpio archive"),
        new(0, [0x71, 0xc7], "a cpio archive"),
        new(257, "ustar"u8.ToArray(), "a tar archive"),
        new(0, "PK\u0003\u0004"u8.ToArray(), "a zip archive"),
        new(0, [(byte)'7', (byte)'z', 0xbc, 0xaf, 0x27, 0x1c], "a 7z archive"),
        new(0, "!<arch>\ndebian-binary"u8.ToArray(), "a Debian package"),
        new(0, "!<arch>\n"u8.ToArray(), "an ar archive"),
        new(0, [0xed, 0xab, 0xee, 0xdb], "an RPM package"),
        new(0x8001, "CD001"u8.ToArray(), "an ISO 9660 file system"),
        new(0, "hsqs"u8.ToArray(), "a squashfs file system"),
        new(0, "sqsh"u8.ToArray(), "a squashfs file system"),
        new(0x438, [0x53, 0xef], "an ext2, ext3 or ext4 file system"),
        new(0x400, [0xe2, 0xe1, 0xf5, 0xe0], "an EROFS file system"),
        new(0x10040, "_BHRfS_M"u8.ToArray(), "a Btrfs file system"),
        new(0, "XFSB"u8.ToArray(), "an XFS file system"),
        new(0, [0x45, 0x3d, 0xcd, 0x28], "a cramfs file system"),
        new(0, "-rom1fs-"u8.ToArray(), "a romfs file system"),
        new(3, "NTFS    "u8.ToArray(), "an NTFS file system"),
        new(3, "EXFAT   "u8.ToArray(), "an exFAT file system"),
        new(0x36, "FAT1"u8.ToArray(), "a FAT file system"),
        new(0x52, "FAT32"u8.ToArray(), "a FAT file system"),
        new(0x200, "EFI PART"u8.ToArray(), "a disk image with a GUID partition table"),
        new(0, [(byte)'L', (byte)'U', (byte)'K', (byte)'S', 0xba, 0xbe], "a LUKS volume"),
        new(0, [(byte)'Q', (byte)'F', (byte)'I', 0xfb], "a QEMU disk image (qcow2)"),
        new(0, "KDMV"u8.ToArray(), "a VMware disk image"),
        new(0, "vhdxfile"u8.ToArray(), "a Hyper-V disk image (VHDX)"),
        new(0, "QEVM"u8.ToArray(), "a saved machine of QEMU"),
        new(0, "Xen saved domain"u8.ToArray(), "a saved domain of Xen"),
        new(0, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, (byte)'X', (byte)'E', (byte)'N', (byte)'F'], "a migration stream of Xen"),
        new(0, "KDUMP   "u8.ToArray(), "a kernel's crash dump (kdump)"),
        new(0, "DISKDUMP"u8.ToArray(), "a kernel's crash dump (diskdump)"),
        new(0, [0xcf, 0xfa, 0xed, 0xfe], "a Mach-O file"),
        new(0, [0xce, 0xfa, 0xed, 0xfe], "a Mach-O file"),
        new(0, [0xca, 0xfe, 0xba, 0xbe], "a Java class or a universal Mach-O file"),
        new(0, "\0asm"u8.ToArray(), "a WebAssembly module"),
        new(0, "%PDF"u8.ToArray(), "a PDF document"),
        new(0, "#!"u8.ToArray(), "a script"),
        new(0, "MZ"u8.ToArray(), "an MS-DOS or EFI program (MZ) without a whole PE header"),
    ];

    /// <summary>Whether the bytes are a kernel for another processor, some of which are EFI programs, too.</summary>
    public static bool IsForeignKernel(ReadOnlySpan<byte> bytes) => Find(_kernels, bytes) is not null;

    /// <summary>The name of a format that is no kernel for x86, with its article.</summary>
    /// <param name="bytes">The file, or its beginning; a kernel's signs stand in the first 64 bytes, a file system's in the first 66 KiB.</param>
    /// <returns>Null if the bytes begin none that is known.</returns>
    public static string? Name(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return "an empty file";
        if ((Find(_kernels, bytes) ?? Find(_signs, bytes)) is { } name)
            return name;
        if (!bytes[..Math.Min(bytes.Length, TextLength)].ContainsAnyExcept((byte)0))
            return "zeros";
        if (HasPartitions(bytes))
            return "a disk image with a partition table";
        return IsText(bytes[..Math.Min(bytes.Length, TextLength)]) ? "a text" : null;
    }

    private static string? Find(Sign[] signs, ReadOnlySpan<byte> bytes)
    {
        foreach (Sign sign in signs)
        {
            if (bytes.Length >= sign.Offset + sign.Bytes.Length && bytes[sign.Offset..].StartsWith(sign.Bytes))
                return sign.Name;
        }

        return null;
    }

    /// <summary>
    /// A boot sector whose four entries for partitions all are empty or make sense, and one of which is in use. Code, which old Linux
    /// images have there, does not.
    /// </summary>
    private static bool HasPartitions(ReadOnlySpan<byte> bytes)
    {
        if (!MasterBootRecord.TryParse(bytes, out MasterBootRecord sector, out _) || sector.Signature != 0xaa55)
            return false;
        bool isUsed = false;
        foreach (PartitionEntry entry in sector.Partitions)
        {
            if (!entry.AsSpan().ContainsAnyExcept((byte)0))
                continue;
            bool isPossible = (entry.BootIndicator & 0x7f) == 0 && entry.SystemId != 0 && entry.Sectors != 0;
            if (!isPossible || entry.FirstSector > uint.MaxValue - entry.Sectors)
                return false;
            isUsed = true;
        }

        return isUsed;
    }

    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        foreach (byte character in bytes)
        {
            bool isSpace = character is (byte)'\n' or (byte)'\r' or (byte)'\t';
            if (character == 0x7f || (character < 0x20 && !isSpace))
                return false;
        }

        return true;
    }
}
