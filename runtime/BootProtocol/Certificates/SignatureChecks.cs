namespace BootProtocol.Certificates;

/// <summary>The signatures that are checked for one image: each issuer's once, and no more than a limit.</summary>
/// <remarks>An image's certificates may have issued each other in any way, and each check costs milliseconds where the key is long.</remarks>
internal sealed class SignatureChecks
{
    /// <summary>The most signatures that are checked for one image: a signed kernel has two or three.</summary>
    public const int MaximumCount = 256;

    /// <summary>The most certificates of a chain: those of Secure Boot have two or three.</summary>
    public const int MaximumLevels = 8;

    private readonly Dictionary<(Certificate, Certificate), bool> _issued = [];

    /// <summary>The number of signatures that were checked.</summary>
    public int Count { get; private set; }

    /// <summary>Whether one certificate's key issued another; see <see cref="Certificate.IsIssuedBy"/>.</summary>
    /// <exception cref="BootFormatException">Too many signatures were checked.</exception>
    public bool IsIssuedBy(Certificate certificate, Certificate issuer)
    {
        if (!certificate.Names(issuer))
            return false;
        if (!_issued.TryGetValue((certificate, issuer), out bool isIssued))
        {
            Add();
            _issued.Add((certificate, issuer), isIssued = certificate.IsIssuedBy(issuer));
        }

        return isIssued;
    }

    /// <summary>Whether a signature is one of a hash by the key of a certificate.</summary>
    /// <exception cref="BootFormatException">Too many signatures were checked.</exception>
    public bool Verifies(Certificate certificate, SignatureMethod method, ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature)
    {
        Add();
        return certificate.Verifies(method, hash, signature);
    }

    /// <summary>Finds the shortest way from a certificate to one of those at which a chain may end.</summary>
    /// <param name="start">The certificate.</param>
    /// <param name="ends">Where it may end.</param>
    /// <param name="between">The certificates that may lie between.</param>
    /// <returns>The certificates from the first to the last; empty if there is no way.</returns>
    /// <exception cref="BootFormatException">Too many signatures were checked.</exception>
    public IReadOnlyList<Certificate> FindChain(Certificate start, IReadOnlyCollection<Certificate> ends, IReadOnlyCollection<Certificate> between)
    {
        if (start.UnknownExtension is not null)
            return [];
        var reached = new List<Step> { new(start, null, 1, 0) };
        for (int i = 0; i < reached.Count; i++)
        {
            Step at = reached[i];
            if (ends.Any(end => IsSame(end, at.Certificate)))
                return at.Chain();
            if (at.Level == MaximumLevels)
                continue;
            // Those below an issuer that count for its limit are the ones between it and the first (RFC 5280, 4.2.1.9).
            int below = at.Below + (at.Level == 1 || at.Certificate.IsSelfIssued ? 0 : 1);
            foreach (Certificate issuer in ends.Concat(between))
            {
                if (below <= issuer.MaximumBelow && !reached.Exists(step => IsSame(step.Certificate, issuer)) && IsIssuedBy(at.Certificate, issuer))
                    reached.Add(new Step(issuer, at, at.Level + 1, below));
            }
        }

        return [];
    }

    private static bool IsSame(Certificate one, Certificate other) =>
        ReferenceEquals(one, other) || one.Bytes.Span.SequenceEqual(other.Bytes.Span);

    private void Add()
    {
        if (Count == MaximumCount)
        {
            throw new BootFormatException(
                BootErrorCode.TooLarge,
                "win_certificate",
                "",
                null,
                FormattableString.Invariant($"certificates that take at most {MaximumCount} checks of signatures"),
                "more");
        }

        Count++;
    }

    /// <summary>A certificate that is reached, and from where.</summary>
    private sealed record Step(Certificate Certificate, Step? From, int Level, int Below)
    {
        public List<Certificate> Chain()
        {
            var chain = new List<Certificate>();
            for (Step? step = this; step is not null; step = step.From)
                chain.Insert(0, step.Certificate);
            return chain;
        }
    }
}
