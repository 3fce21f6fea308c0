namespace BootProtocol;

/// <summary>
/// What the library refuses: bytes that are not what they say (<see cref="BootFormatException"/>), or what a caller asks for and cannot
/// have (<see cref="BootRequestException"/>).
/// </summary>
/// <example><code>
/// try
/// {
///     using LinuxDomain guest = new LinuxBootBuilder { MemorySize = 64 &lt;&lt; 20, CommandLine = "console=ttyS0" }.Build(kernel);
///     Console.WriteLine(guest.BootParamsAddress);
/// }
/// catch (BootException fault)
/// {
///     Console.WriteLine($"{fault.Code} at {fault.Structure}.{fault.Field}: expected {fault.Expected}, found {fault.Found}");
/// }
/// </code></example>
public abstract class BootException : Exception
{
    private protected BootException(ParseError error, Exception? inner)
        : base(error.ToString(), inner) => Error = error;

    /// <summary>The error as a value.</summary>
    public ParseError Error { get; }

    /// <summary>The kind of error.</summary>
    public BootErrorCode Code => Error.Code;

    /// <summary>The structure, as the protocol spells it.</summary>
    public string Structure => Error.Structure;

    /// <summary>The field, as the protocol spells it; empty if the whole structure is meant.</summary>
    public string Field => Error.Field;

    /// <summary>The place in bytes, as the protocol's document counts; null if it has none.</summary>
    public long? Offset => Error.Offset;

    /// <summary>What should be there.</summary>
    public string Expected => Error.Expected;

    /// <summary>What is there.</summary>
    public string Found => Error.Found;
}
