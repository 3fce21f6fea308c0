namespace BootProtocol;

/// <summary>Why bytes are not what they should be. The default value says that nothing is wrong.</summary>
/// <example><code>
/// if (!SetupHeader.TryParse(bytes.AsSpan(BootImage.SetupHeaderOffset), out SetupHeader header, out ParseError error))
///     throw error.ToException();
/// Console.WriteLine($"protocol {header.Version}");
/// </code></example>
public readonly record struct ParseError
{
    // One reference: what is right has to clear no more than that, and a walk through structures does it for each of them.
    private readonly Fault? _fault;

    /// <summary>Describes an error.</summary>
    /// <param name="code">The kind of error; not <see cref="BootErrorCode.None"/>.</param>
    /// <param name="structure">The structure, as the protocol spells it; not empty.</param>
    /// <param name="field">The field, as the protocol spells it; empty if the whole structure is meant.</param>
    /// <param name="offset">The place in bytes, as the protocol's document counts; null if it has none.</param>
    /// <param name="expected">What should be there.</param>
    /// <param name="found">What is there.</param>
    public ParseError(BootErrorCode code, string structure, string field, long? offset, string expected, string found)
    {
        ArgumentException.ThrowIfNullOrEmpty(structure);
        ArgumentOutOfRangeException.ThrowIfEqual(code, BootErrorCode.None);
        _fault = new Fault(code, structure, field, offset, expected, found);
    }

    /// <summary>The kind of error; <see cref="BootErrorCode.None"/> if nothing is wrong.</summary>
    public BootErrorCode Code => _fault?.Code ?? BootErrorCode.None;

    /// <summary>Whether something is wrong.</summary>
    public bool IsError => _fault is not null;

    /// <summary>The structure, as the protocol spells it.</summary>
    public string Structure => _fault?.Structure ?? "";

    /// <summary>The field, as the protocol spells it; empty if the whole structure is meant.</summary>
    public string Field => _fault?.Field ?? "";

    /// <summary>The place in bytes, as the protocol's document counts; null if it has none.</summary>
    public long? Offset => _fault?.Offset;

    /// <summary>What should be there.</summary>
    public string Expected => _fault?.Expected ?? "";

    /// <summary>What is there.</summary>
    public string Found => _fault?.Found ?? "";

    /// <summary>The same error of a structure that stands inside of another one.</summary>
    /// <param name="bytes">Where it starts there.</param>
    public ParseError MovedBy(long bytes) =>
        IsError && Offset is { } offset ? new ParseError(Code, Structure, Field, offset + bytes, Expected, Found) : this;

    /// <summary>Makes the exception that says the same.</summary>
    /// <exception cref="InvalidOperationException">Nothing is wrong.</exception>
    public BootFormatException ToException() =>
        IsError ? new BootFormatException(this) : throw new InvalidOperationException("There is no error to throw.");

    /// <summary>The error in one line; empty if nothing is wrong.</summary>
    public override string ToString()
    {
        if (!IsError)
            return "";
        string name = Field.Length == 0 ? Structure : $"{Structure}.{Field}";
        string place = Offset is { } offset ? $" at offset 0x{offset:x}" : "";
        return $"{name}{place}: expected {Expected}, found {Found}";
    }

    private sealed record Fault(BootErrorCode Code, string Structure, string Field, long? Offset, string Expected, string Found);
}
