namespace BootProtocol.Domains;

/// <summary>Bytes that a node of the setup_data list points at, and that are laid out with it.</summary>
/// <param name="PointerOffset">Where in the node's data their physical address goes, in bytes.</param>
/// <param name="PointerSize">Bytes of that address: 4 or 8, least significant byte first.</param>
/// <param name="Bytes">What the address will point at; it starts at a multiple of 16.</param>
/// <example><code>
/// var attachment = new SetupDataAttachment(PointerOffset: 0, PointerSize: 8, new byte[64]);
/// var node = new SetupDataNode(SetupDataType.Ima, new byte[16]) { Attachments = [attachment] };
/// Console.WriteLine($"{node.Data.Length} bytes, of which {attachment.PointerSize} point at {attachment.Bytes.Length} others");
/// </code></example>
public readonly record struct SetupDataAttachment(int PointerOffset, int PointerSize, ReadOnlyMemory<byte> Bytes);
