using BootProtocol.Specs;

namespace BootProtocol.Cli.Inspection;

/// <summary>A note, as reports show it.</summary>
/// <param name="Owner">The owner's name.</param>
/// <param name="Type">The type by the owner's numbers; null for what the section <c>__xen_guest</c> says, which has names only.</param>
/// <param name="Name">The type's name, as the protocol spells it; null if it has none.</param>
/// <param name="Value">What the descriptor means; null if that is not known.</param>
/// <param name="Descriptor">The descriptor, without padding; null where there is none.</param>
internal sealed record NoteFact(string Owner, uint? Type, string? Name, SpecValue? Value, ReadOnlyMemory<byte>? Descriptor);
