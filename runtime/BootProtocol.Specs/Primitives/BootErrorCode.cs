namespace BootProtocol;

/// <summary>What kind of error it is, for programs: texts are for people, and change.</summary>
/// <example><code>
/// if (!SetupHeader.TryParse(bytes.AsSpan(BootImage.SetupHeaderOffset), out SetupHeader header, out ParseError error))
///     Console.WriteLine(error.Code == BootErrorCode.WrongMagic ? "no Linux kernel" : error.ToString());
/// else
///     Console.WriteLine(header.Version);
/// </code></example>
public enum BootErrorCode
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>Bytes are of another kind than expected: a magic number is not there.</summary>
    WrongMagic,

    /// <summary>Bytes break the rules of their format.</summary>
    Malformed,

    /// <summary>A field has a value that its format, or this use of it, does not allow.</summary>
    BadValue,

    /// <summary>Bytes end before the structure does.</summary>
    Truncated,

    /// <summary>Something is said to lie where nothing is: outside of the file, the table, the kernel.</summary>
    OutOfBounds,

    /// <summary>Something has another size than is stated elsewhere.</summary>
    WrongSize,

    /// <summary>A checksum is not that of the bytes.</summary>
    BadChecksum,

    /// <summary>Something is beyond a limit: the format's, the kernel's, or that of <c>Limits</c>.</summary>
    TooLarge,

    /// <summary>Something that is needed is not there.</summary>
    Missing,

    /// <summary>It is valid, but of a kind that is not for this.</summary>
    Unsupported,

    /// <summary>There is no such room in the guest's memory, or in the caller's.</summary>
    NoRoom,

    /// <summary>The caller asked for a value or a place that the kernel, the boot protocol or the machine does not allow.</summary>
    NotAllowed,

    /// <summary>The kernel cannot be started in the way that the caller asked for.</summary>
    NotPossible,
}
