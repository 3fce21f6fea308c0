namespace BootProtocol.Decompress;

/// <summary>Makes the exceptions of this room, so that they all read alike. Offsets count from the payload's first byte.</summary>
internal static class PayloadFault
{
    /// <summary>Something in a payload is not what it should be.</summary>
    /// <param name="format">The payload's format.</param>
    /// <param name="field">What it is.</param>
    /// <param name="offset">Where it is in the payload, in bytes; null if it has no place.</param>
    /// <param name="expected">What should be there.</param>
    /// <param name="found">What is there.</param>
    /// <param name="inner">The exception behind it; null if there is none.</param>
    /// <param name="code">The kind of error; null for that of a magic number or of broken data, by the field's name.</param>
    public static BootFormatException Make(
        PayloadFormat format,
        string field,
        long? offset,
        string expected,
        string found,
        Exception? inner = null,
        BootErrorCode? code = null) =>
        new(code ?? CodeOf(field), $"{PayloadFormats.Name(format)} payload", field, offset, expected, found, inner);

    /// <summary>A payload ends where more must follow.</summary>
    public static BootFormatException EndsEarly(PayloadFormat format, string field, long offset, Exception? inner = null) =>
        Make(format, field, offset, "more bytes", "the end of the payload", inner, BootErrorCode.Truncated);

    /// <summary>Bytes do not have the checksum that the payload states.</summary>
    public static BootFormatException WrongChecksum(PayloadFormat format, string field, long offset, ulong stated, ulong computed) =>
        Make(format, field, offset, $"0x{computed:x} as computed", $"0x{stated:x}", code: BootErrorCode.BadChecksum);

    /// <summary>A payload takes more memory for its decoder than it may have.</summary>
    public static BootFormatException TooMuchMemory(PayloadFormat format, string field, long? offset, long limit, long wanted) =>
        Make(format, field, offset, $"a decoder memory of at most {limit} bytes", $"{wanted} bytes", code: BootErrorCode.TooLarge);

    /// <summary>A payload states an output size beyond the limit.</summary>
    public static BootFormatException TooLarge(PayloadFormat format, string field, long? offset, long limit, ulong stated) =>
        Make(format, field, offset, $"at most {limit} bytes of output", $"{stated} bytes", code: BootErrorCode.TooLarge);

    private static BootErrorCode CodeOf(string field) =>
        field.EndsWith("magic", StringComparison.Ordinal) ? BootErrorCode.WrongMagic : BootErrorCode.Malformed;
}
