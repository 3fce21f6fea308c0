using BootProtocol.Hashes;

namespace BootProtocol.Signatures;

/// <summary>An entry of a firmware's list of signatures.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Function">The hash function, where it is a hash.</param>
/// <param name="Data">The hash, or the certificate (DER).</param>
/// <param name="Owner">Who added it, as an identifier (GUID).</param>
/// <example><code>
/// foreach (SignatureListEntry entry in list.Entries)
///     Console.WriteLine($"{entry.Kind} {Convert.ToHexStringLower(entry.Data.Span)} of {entry.Owner}");
/// </code></example>
public sealed record SignatureListEntry(SignatureListKind Kind, HashFunction? Function, ReadOnlyMemory<byte> Data, Guid Owner);
