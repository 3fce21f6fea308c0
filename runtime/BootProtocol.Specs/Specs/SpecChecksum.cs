namespace BootProtocol.Specs;

/// <summary>What a field is the checksum of.</summary>
/// <param name="Function">How the bytes come to a number.</param>
/// <param name="First">The first row whose bytes count; empty for the whole structure.</param>
/// <param name="Last">The last row whose bytes count.</param>
/// <param name="Shift">How many of the lowest bits of the number are left out; of what is left the field has as many as it holds.</param>
/// <param name="Text">All of it as the spec writes it.</param>
/// <remarks>Where the checksum's own bytes are among those that count, they count as 0.</remarks>
/// <example><code>
/// foreach (SpecField field in SpecCatalog.Structures.SelectMany(structure =&gt; structure.Variants[0].Fields).Where(field =&gt; field.Checksum is not null))
///     Console.WriteLine($"{field.Name} is {field.Checksum!.Text}");
/// </code></example>
public sealed record SpecChecksum(SpecChecksumFunction Function, string First, string Last, int Shift, string Text);
