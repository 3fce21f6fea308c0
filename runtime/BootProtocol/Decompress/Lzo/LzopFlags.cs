namespace BootProtocol.Decompress;

/// <summary>The flags of an lzop header.</summary>
[Flags]
internal enum LzopFlags : uint
{
    /// <summary>Each block has an Adler-32 of its output.</summary>
    OutputAdler32 = 0x0001,

    /// <summary>Each compressed block has an Adler-32 of its compressed bytes.</summary>
    BlockAdler32 = 0x0002,

    /// <summary>A field of any length follows the header.</summary>
    ExtraField = 0x0040,

    /// <summary>Each block has a CRC-32 of its output.</summary>
    OutputCrc32 = 0x0100,

    /// <summary>Each compressed block has a CRC-32 of its compressed bytes.</summary>
    BlockCrc32 = 0x0200,

    /// <summary>More files follow, which belong together.</summary>
    MultiPart = 0x0400,

    /// <summary>The bytes went through a filter before they were compressed.</summary>
    Filter = 0x0800,

    /// <summary>The header's own checksum is a CRC-32 instead of an Adler-32.</summary>
    HeaderCrc32 = 0x1000,
}
