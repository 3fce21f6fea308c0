namespace BootProtocol.Specs;

/// <summary>A field of a stored structure, with its value.</summary>
/// <param name="Field">What the spec says about the field.</param>
/// <param name="Value">The value; where the spec says what a stored 0 stands for, that.</param>
/// <param name="IsZeroStandIn">Whether 0 is stored, and <paramref name="Value"/> is what it stands for.</param>
/// <example><code>
/// if (image.DescribeSetupHeader().Find("cmdline_size") is { } field)
///     Console.WriteLine($"{field.Field.Type} {field.Field.Name} = {field.Value}{(field.IsZeroStandIn ? " (0 is stored)" : "")}");
/// </code></example>
public sealed record SpecRecordField(SpecField Field, SpecValue Value, bool IsZeroStandIn)
{
    /// <summary>Where it starts, in bytes from the start of the structure.</summary>
    public int Offset { get; init; } = Field.Offset;

    /// <summary>Its size in bytes.</summary>
    public int Size { get; init; } = Field.Size;

    /// <summary>The name and the value.</summary>
    public override string ToString() => $"{Field.Name} = {Value}";
}
