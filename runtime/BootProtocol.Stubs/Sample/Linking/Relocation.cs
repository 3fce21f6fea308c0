using BootProtocol.Relocate;

namespace BootProtocol.Sample.Linking;

/// <summary>A place that changes when the image moves.</summary>
/// <param name="Offset">Where it is, in bytes from the start of its block or, once linked, of the image.</param>
/// <param name="Kind">How it changes.</param>
internal readonly record struct Relocation(int Offset, RelocationKind Kind);
