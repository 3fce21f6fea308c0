using BootProtocol.Specs;

namespace BootProtocol.Cli.Inspection;

/// <summary>A field of a structure that was read, or of one nested in it, or a number that is computed of fields.</summary>
/// <param name="Offset">The place in the file; null for what is computed.</param>
/// <param name="Size">The size in bytes; 0 for what is computed.</param>
/// <param name="Name">The name, behind those of the structures around it: <c>pots[1].price</c>.</param>
/// <param name="Value">What it holds; null for a computed number that there is none of.</param>
/// <param name="Text">The value for a person.</param>
/// <param name="Doc">What it means, in one line.</param>
internal sealed record RecordRow(long? Offset, int Size, string Name, SpecValue? Value, string Text, string Doc);
