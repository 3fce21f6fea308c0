namespace BootProtocol;

/// <summary>Bytes are not what a boot protocol says they are: the one exception for bad input.</summary>
/// <example><code>
/// try
/// {
///     using BootImage opened = BootImage.Open("no kernel image"u8.ToArray());
///     Console.WriteLine(opened.Kind);
/// }
/// catch (BootFormatException fault)
/// {
///     Console.WriteLine($"{fault.Code}: {fault.Message}");
/// }
/// </code></example>
public sealed class BootFormatException : BootException
{
    /// <summary>Makes the exception for an error.</summary>
    /// <param name="error">What is wrong; its text becomes the message.</param>
    public BootFormatException(ParseError error)
        : this(error, null)
    {
    }

    /// <summary>Makes the exception for an error that another exception reported first.</summary>
    /// <param name="error">What is wrong; its text becomes the message.</param>
    /// <param name="inner">The exception behind it, such as a decoder's.</param>
    public BootFormatException(ParseError error, Exception? inner)
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
    public BootFormatException(
        BootErrorCode code, string structure, string field, long? offset, string expected, string found, Exception? inner = null)
        : this(new ParseError(code, structure, field, offset, expected, found), inner)
    {
    }
}
