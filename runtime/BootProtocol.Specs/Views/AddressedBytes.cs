namespace BootProtocol;

/// <summary>Bytes that stand at an address, and nothing around them.</summary>
/// <param name="start">The address of the first byte.</param>
/// <param name="bytes">The bytes; they are not copied.</param>
/// <example><code>
/// var text = new AddressedBytes(0x20000, "quiet\0"u8.ToArray());
/// Console.WriteLine(text.Read(0x20000, 5).Length);
/// </code></example>
public sealed class AddressedBytes(ulong start, ReadOnlyMemory<byte> bytes) : IAddressSpace
{
    /// <inheritdoc />
    public ReadOnlySpan<byte> Read(ulong address, int most)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        if (address < start || address - start >= (ulong)bytes.Length)
            return [];
        ReadOnlySpan<byte> rest = bytes.Span[(int)(address - start)..];
        return rest[..Math.Min(rest.Length, most)];
    }
}
