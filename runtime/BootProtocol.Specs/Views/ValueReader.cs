namespace BootProtocol;

/// <summary>Reads the value that bytes start with.</summary>
/// <typeparam name="T">A number, an address or an enumeration; of an array of arrays a list.</typeparam>
/// <param name="bytes">At least as many bytes as a value has.</param>
/// <example><code>
/// ValueReader&lt;uint&gt; read = static bytes =&gt; BinaryPrimitives.ReadUInt32LittleEndian(bytes);
/// Console.WriteLine(read(image.Bytes[BootImage.SetupHeaderOffset..]));
/// </code></example>
public delegate T ValueReader<out T>(ReadOnlySpan<byte> bytes)
    where T : allows ref struct;
