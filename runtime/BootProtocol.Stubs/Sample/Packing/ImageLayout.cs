namespace BootProtocol.Sample.Packing;

/// <summary>Where things are in the bzImage, in bytes from the start of the setup part, or of the protected-mode part.</summary>
internal static class ImageLayout
{
    public const int SectorSize = 512;
    public const int ParagraphSize = 16;

    /// <summary>Sectors of setup code behind the boot sector.</summary>
    public const int SetupSectors = 3;

    public const int SetupSize = (1 + SetupSectors) * SectorSize;

    /// <summary>The setup header.</summary>
    public const int Header = 0x1f1;

    /// <summary>The code that the header's jump leads to.</summary>
    public const int SetupCode = 0x26c;

    /// <summary>The descriptors that the setup code enters protected mode with.</summary>
    public const int SetupDescriptors = 0x500;

    /// <summary>The kernel version text.</summary>
    public const int VersionText = 0x600;

    /// <summary>The zero page that the setup code makes: memory behind the setup part, which is the setup code's to use.</summary>
    public const int ZeroPage = 0x1000;

    /// <summary>The 64-bit entry.</summary>
    public const int LongModeEntry = 0x200;

    /// <summary>Texts of the unpacker.</summary>
    public const int Texts = 0x600;

    /// <summary>The kernel_info structure.</summary>
    public const int KernelInfo = 0x700;

    /// <summary>The payload.</summary>
    public const int Payload = 0x800;

    /// <summary>The usual load address of the protected-mode part.</summary>
    public const uint LoadAddress = 0x100000;
}
