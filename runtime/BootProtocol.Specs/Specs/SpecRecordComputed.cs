namespace BootProtocol.Specs;

/// <summary>A number that was computed of a stored structure's fields.</summary>
/// <param name="Computed">What the spec says about the number.</param>
/// <param name="Value">The number; null if the fields give no number of 64 bits.</param>
/// <example><code>
/// foreach (SpecRecordComputed computed in image.DescribeSetupHeader().Computed)
///     Console.WriteLine(computed);
/// </code></example>
public sealed record SpecRecordComputed(SpecComputed Computed, ulong? Value)
{
    /// <summary>The name and the number.</summary>
    public override string ToString() => FormattableString.Invariant($"{Computed.Name} = {(Value is { } value ? value : "no number")}");
}
