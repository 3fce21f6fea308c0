namespace BootProtocol.Images;

/// <summary>What the CRC-32 at the end of a bzImage says.</summary>
/// <example><code>
/// if (image.Checksum == ChecksumState.Invalid)
///     Console.WriteLine("the file was changed after it was built");
/// </code></example>
public enum ChecksumState
{
    /// <summary>There is none: the protocol is older than 2.08, or the kernel newer than 6.14.</summary>
    Absent,

    /// <summary>It matches the image.</summary>
    Valid,

    /// <summary>It does not match: the image was changed after it was made; signing does that too.</summary>
    Invalid,
}
