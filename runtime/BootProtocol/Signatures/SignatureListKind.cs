namespace BootProtocol.Signatures;

/// <summary>What the entries of a firmware's list of signatures are.</summary>
/// <remarks>Source: UEFI specification 2.10, 32.4.1.</remarks>
/// <example><code>
/// var hashes = list.Entries.Where(entry =&gt; entry.Kind == SignatureListKind.ImageHash);
/// Console.WriteLine($"{hashes.Count()} hashes of programs");
/// </code></example>
public enum SignatureListKind
{
    /// <summary>Another kind, which says nothing about images.</summary>
    Other,

    /// <summary>The digest of a program (<see cref="ImageDigest"/>).</summary>
    ImageHash,

    /// <summary>A certificate.</summary>
    Certificate,

    /// <summary>The hash of what the issuer signed of a certificate.</summary>
    CertificateHash,
}
