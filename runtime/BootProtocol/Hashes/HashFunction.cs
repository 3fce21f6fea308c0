namespace BootProtocol.Hashes;

/// <summary>A hash function, of those by which firmware signs and measures. <see cref="HashFunctions.Name"/> has their names.</summary>
/// <remarks>Source: FIPS 180-4.</remarks>
/// <example><code>
/// foreach (HashFunction function in Enum.GetValues&lt;HashFunction&gt;())
///     Console.WriteLine($"{HashFunctions.Name(function)}: {HashFunctions.Length(function)} bytes");
/// </code></example>
public enum HashFunction
{
    /// <summary>SHA-1: 20 bytes. No signature by it is worth anything.</summary>
    Sha1,

    /// <summary>SHA-256: 32 bytes.</summary>
    Sha256,

    /// <summary>SHA-384: 48 bytes.</summary>
    Sha384,

    /// <summary>SHA-512: 64 bytes.</summary>
    Sha512,
}
