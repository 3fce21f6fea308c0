using System.Collections.Immutable;
using BootProtocol.Certificates;
using BootProtocol.Hashes;
using BootProtocol.Signatures;

namespace BootProtocol.Checks;

/// <summary>Rules about Secure Boot.</summary>
internal static class SecureBootRules
{
    private const string Authenticode = "Windows Authenticode Portable Executable Signature Format, Microsoft";

    /// <summary>The rules in their order.</summary>
    public static ImmutableArray<BoundRule> All { get; } =
    [
        new(
            new CheckRule(
                "signature-wrong", CheckSeverity.Error, [CheckTarget.Uefi], "A signature is one of this image.",
                "Sign it again, or take the signature off: with Secure Boot it does not start.", Authenticode),
            static subject => subject.Signatures.Select(static signature => signature.Fault).ToArray() is { Length: > 0 } faults && !faults.Contains(null)
                ? faults[0]
                : null,
            FindsFaults: true),
        new(
            new CheckRule(
                "signature-weak", CheckSeverity.Warning, [CheckTarget.Uefi], "Signatures are of SHA-256 or better, by keys of 2048 bits or more.",
                "Sign it with a newer key.", "NIST SP 800-131A"),
            Weak),
        new(
            new CheckRule(
                "signature-kind", CheckSeverity.Warning, [CheckTarget.Uefi], "Signatures are of RSA, PKCS#1 v1.5.",
                "Sign it with a key of RSA by sbsign.", "EDK2, CryptoPkg, Pkcs7Verify"),
            static subject => subject.Signatures.SelectMany(static signature => signature.Signers)
                .Select(static signer => signer.FirmwareLimit)
                .FirstOrDefault(static limit => limit is not null)),
        new(
            new CheckRule(
                "certificate-expired", CheckSeverity.Warning, [CheckTarget.Uefi], "The signers' certificates are valid.",
                "Sign it with a newer certificate. Firmware looks at no dates, but tools that verify images do.", "RFC 5280, 4.1.2.5"),
            Expired),
        new(
            new CheckRule(
                "unsigned", CheckSeverity.Note, [CheckTarget.Uefi], "The image is signed.",
                "Switch Secure Boot off, or sign it: sbsign --key KEY --cert CERT IMAGE.", "UEFI specification 2.10, 32.5.3.3"),
            static subject => subject.File.TryGetPe(out _) && subject.Signatures.IsEmpty ? "it has no signature: with Secure Boot it does not start" : null),
        new(
            new CheckRule(
                "sbat", CheckSeverity.Note, [CheckTarget.Uefi], "A signed unified kernel image has a section .sbat.",
                "Build it with one: shim starts no other image that it is to verify, but for a kernel that has none.", "shim, SBAT.md"),
            static subject => subject.File.UnifiedKernel is not null && !subject.Signatures.IsEmpty && SbatEntry.ReadAll(subject.File).IsEmpty
                ? "it is signed and has no .sbat"
                : null),
    ];

    private static string? Weak(CheckSubject subject)
    {
        foreach (ImageSignature signature in subject.Signatures)
        {
            if (signature.DigestFunction == HashFunction.Sha1)
                return "its digest is one of SHA-1";
            IEnumerable<Certificate> signers = signature.Signers.Select(static signer => signer.Certificate).OfType<Certificate>();
            foreach (Certificate certificate in signers.Concat(signature.Certificates))
            {
                if (certificate.Weakness is { } weakness)
                    return $"the certificate {DistinguishedName.Cut(certificate.Subject)} has {weakness}";
            }
        }

        return null;
    }

    private static string? Expired(CheckSubject subject)
    {
        IEnumerable<Certificate> certificates = subject.Signatures
            .SelectMany(static signature => signature.Signers)
            .Select(static signer => signer.Certificate)
            .OfType<Certificate>();
        Certificate? expired = certificates.FirstOrDefault(certificate => subject.Time > certificate.NotAfter || subject.Time < certificate.NotBefore);
        if (expired is null)
            return null;
        string subjectName = DistinguishedName.Cut(expired.Subject);
        return FormattableString.Invariant($"the certificate {subjectName} is valid from {expired.NotBefore:yyyy-MM-dd} to {expired.NotAfter:yyyy-MM-dd}");
    }
}
