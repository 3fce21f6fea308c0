namespace BootProtocol;

/// <summary>What addresses lead to: a guest's memory, a file that is mapped somewhere, or any bytes with an address.</summary>
/// <example><code>
/// IAddressSpace space = new AddressedBytes(0x1000, "console=ttyS0\0"u8.ToArray());
/// Console.WriteLine(space.Read(0x1008, 5).Length);
/// </code></example>
public interface IAddressSpace
{
    /// <summary>Reads what an address leads to.</summary>
    /// <param name="address">The address of the first byte.</param>
    /// <param name="most">The most bytes that are wanted; not negative.</param>
    /// <returns>
    /// As many of them as there are in one piece; empty if the address leads nowhere. They belong to the space: what changes there changes here.
    /// </returns>
    ReadOnlySpan<byte> Read(ulong address, int most);
}
