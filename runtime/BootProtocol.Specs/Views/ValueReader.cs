namespace BootProtocol;

/// <summary>Reads the value that bytes start with.</summary>
/// <typeparam name="T">A number, an address or an enumeration.</typeparam>
/// <param name="bytes">At least as many bytes as a value has.</param>
public delegate T ValueReader<out T>(ReadOnlySpan<byte> bytes);
