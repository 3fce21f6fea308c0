namespace BootProtocol.Domains;

/// <summary>Bytes that a node of the setup_data list points at, and that are laid out with it.</summary>
/// <param name="PointerOffset">Where in the node's data their physical address goes, in bytes.</param>
/// <param name="PointerSize">Bytes of that address: 4 or 8, least significant byte first.</param>
/// <param name="Bytes">What the address will point at; it starts at a multiple of 16.</param>
public readonly record struct SetupDataAttachment(int PointerOffset, int PointerSize, ReadOnlyMemory<byte> Bytes);
