using System.Collections.Immutable;
using BootProtocol.Certificates;
using BootProtocol.Hashes;

namespace BootProtocol.Signatures;

/// <summary>The entries of a list that name certificates, so that one is found without a look at each.</summary>
internal sealed class CertificateEntries
{
    private readonly Dictionary<HashFunction, Dictionary<string, SignatureListEntry>> _hashes = [];
    private readonly Dictionary<string, SignatureListEntry> _whole = [];

    /// <summary>Those that can be read, by the hash of what their issuer signed: all else of a certificate can be encoded in several ways.</summary>
    private readonly Dictionary<string, SignatureListEntry> _bodies = [];

    /// <summary>Sorts the entries.</summary>
    public CertificateEntries(ImmutableArray<SignatureListEntry> entries)
    {
        var readable = new List<Certificate>();
        foreach (SignatureListEntry entry in entries)
        {
            if (entry.Kind == SignatureListKind.CertificateHash && entry.Function is { } function)
            {
                if (!_hashes.TryGetValue(function, out Dictionary<string, SignatureListEntry>? known))
                    _hashes.Add(function, known = []);
                known.TryAdd(Convert.ToHexString(entry.Data.Span), entry);
            }
            else if (entry.Kind == SignatureListKind.Certificate && _whole.TryAdd(Convert.ToHexString(entry.Data.Span), entry))
            {
                if (TryRead(entry.Data) is not { } certificate)
                    continue;
                readable.Add(certificate);
                _bodies.TryAdd(Convert.ToHexString(certificate.BodyHash(HashFunction.Sha256)), entry);
            }
        }

        Readable = readable;
    }

    /// <summary>The certificates among them; those that cannot be read are left out.</summary>
    public IReadOnlyCollection<Certificate> Readable { get; }

    /// <summary>Finds the entry for a certificate; null if there is none. It is hashed once for each function that entries have.</summary>
    public SignatureListEntry? Find(Certificate certificate)
    {
        if (_whole.Count > 0 && _whole.TryGetValue(Convert.ToHexString(certificate.Bytes.Span), out SignatureListEntry? whole))
            return whole;
        if (_bodies.Count > 0 && _bodies.TryGetValue(Convert.ToHexString(certificate.BodyHash(HashFunction.Sha256)), out SignatureListEntry? same))
            return same;
        foreach ((HashFunction function, Dictionary<string, SignatureListEntry> known) in _hashes)
        {
            if (known.TryGetValue(Convert.ToHexString(certificate.BodyHash(function)), out SignatureListEntry? found))
                return found;
        }

        return null;
    }

    private static Certificate? TryRead(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return Certificate.Read(bytes);
        }
        catch (BootFormatException)
        {
            return null;
        }
    }
}
