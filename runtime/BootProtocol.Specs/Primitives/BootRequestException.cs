namespace BootProtocol;

/// <summary>
/// What the caller asks for cannot be had, with this kernel or at all: no room in so much memory, an address that is not allowed, a text
/// with a NUL, a way to boot that the kernel has not. The input itself is fine.
/// </summary>
/// <example><code>
/// try
/// {
///     using LinuxDomain guest = new LinuxBootBuilder { MemorySize = 64 &lt;&lt; 20, KernelAddress = new Paddr(0x123) }.Build(kernel);
///     Console.WriteLine(guest.BootParamsAddress);
/// }
/// catch (BootRequestException refusal) when (refusal.Code == BootErrorCode.NotAllowed)
/// {
///     Console.WriteLine(refusal.Message);
/// }
/// </code></example>
public sealed class BootRequestException : BootException
{
    /// <summary>Makes the exception for an error.</summary>
    /// <param name="error">What is wrong; its text becomes the message.</param>
    public BootRequestException(ParseError error)
        : this(error, null)
    {
    }

    /// <summary>Makes the exception for an error that another exception reported first.</summary>
    /// <param name="error">What is wrong; its text becomes the message.</param>
    /// <param name="inner">The exception behind it, such as a decoder's.</param>
    public BootRequestException(ParseError error, Exception? inner)
        : base(error, inner)
    {
    }

    /// <summary>Makes the exception of its parts.</summary>
    /// <param name="code">The kind of error; not <see cref="BootErrorCode.None"/>.</param>
    /// <param name="structure">The structure, as the protocol spells it; not empty.</param>
    /// <param name="field">The field, as the protocol spells it; empty if the whole structure is meant.</param>
    /// <param name="offset">The place in bytes, as the protocol's document counts; null if it has none.</param>
    /// <param name="expected">What should be there.</param>
    /// <param name="found">What is there.</param>
    /// <param name="inner">The exception behind it; null if there is none.</param>
    public BootRequestException(
        BootErrorCode code, string structure, string field, long? offset, string expected, string found, Exception? inner = null)
        : this(new ParseError(code, structure, field, offset, expected, found), inner)
    {
    }
}
