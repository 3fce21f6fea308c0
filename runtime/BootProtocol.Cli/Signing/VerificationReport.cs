using System.Globalization;
using BootProtocol.Certificates;
using BootProtocol.Cli.Reports;
using BootProtocol.Hashes;
using BootProtocol.Signatures;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Signing;

/// <summary>What there is to say of an image's signatures, for a person.</summary>
internal static class VerificationReport
{
    private static readonly ReportColumn[] _columns = [new("", ReportTone.Key), new("", ReportTone.Value)];

    private static readonly ReportColumn[] _sbatColumns =
    [
        new("component", ReportTone.Key), new("generation", ReportTone.Value, IsRight: true), new("vendor"), new("package"), new("version"), new("url"),
    ];

    private static readonly ReportColumn[] _phaseColumns = [new("bank", ReportTone.Faint), new("phase", ReportTone.Key), new("value", ReportTone.Value)];

    /// <summary>Makes the report.</summary>
    public static Report Create(ImageVerification verification)
    {
        var parts = new List<ReportPart> { new ReportText(SpecText.Printable(verification.Name), IsHeading: true) };
        var rows = new List<string[]>
        {
            new[] { "verdict", $"{VerdictNames.Of(verification.Verdict.Kind)}: {SpecText.Printable(verification.Verdict.Reason)}" },
        };
        for (int i = 0; i < verification.Request.Banks.Length; i++)
        {
            string bank = HashFunctions.Name(verification.Request.Banks[i]);
            rows.Add([$"{bank} digest (PCR 4)", Convert.ToHexStringLower(verification.Digests[i])]);
            if (verification.KernelDigests.Length > i)
                rows.Add([$"{bank} digest of .linux (PCR 4)", Convert.ToHexStringLower(verification.KernelDigests[i])]);
        }

        foreach (ProfileMeasurement measured in verification.Profiles)
        {
            for (int i = 0; i < measured.KernelDigests.Length; i++)
            {
                string bank = HashFunctions.Name(verification.Request.Banks[i]);
                string label = string.Create(CultureInfo.InvariantCulture, $"{bank} of .linux, profile {measured.Profile.Index} (PCR 4)");
                rows.Add([label, Convert.ToHexStringLower(measured.KernelDigests[i])]);
            }
        }

        if (verification.Request.Revoked is { } revoked)
            rows.Add(["revocations", string.Create(CultureInfo.InvariantCulture, $"{revoked.Entries.Length} entries")]);
        parts.Add(new ReportTable(_columns, rows, HasHead: false));
        foreach (ImageSignature signature in verification.Verdict.Signatures)
            parts.AddRange(Describe(signature));
        if (!verification.Sbat.IsEmpty)
        {
            parts.Add(new ReportText("sbat", IsHeading: true));
            parts.Add(new ReportTable(_sbatColumns, [.. verification.Sbat.Select(Row)]));
        }

        foreach ((Images.UnifiedKernelProfile profile, var banks, _) in verification.Profiles)
        {
            string name = profile.Id is { } id ? $", {SpecText.Printable(id)}" : "";
            parts.Add(new ReportText(string.Create(CultureInfo.InvariantCulture, $"pcr 11 of profile {profile.Index}{name}"), IsHeading: true));
            parts.Add(new ReportTable(_phaseColumns, [.. verification.Request.Banks.SelectMany((bank, index) => UnifiedKernelMeasurement.Phases.Select(
                (phase, step) => new[] { HashFunctions.Name(bank), phase, Convert.ToHexStringLower(banks[index][step]) }))]));
        }

        return new Report(parts);
    }

    private static IEnumerable<ReportPart> Describe(ImageSignature signature)
    {
        yield return new ReportText(
            string.Create(CultureInfo.InvariantCulture, $"signature at 0x{signature.Entry.Offset:x}: {signature.Entry.Length} bytes"), IsHeading: true);
        var rows = new List<string[]>
        {
            new[] { "worth", SpecText.Printable(signature.Fault ?? (signature.Weakness is { } weakness ? $"right, but weak: {weakness}" : "right")) },
        };
        if (signature.DigestName.Length > 0)
            rows.Add([$"{signature.DigestName} digest", Convert.ToHexStringLower(signature.Digest.Span)]);
        foreach (ImageSigner signer in signature.Signers)
        {
            rows.Add(["signer", SpecText.Printable(signer.Subject)]);
            rows.Add(["  issued by", SpecText.Printable(signer.Issuer)]);
            rows.Add(["  number", signer.SerialNumber]);
            rows.Add(["  digest", SpecText.Printable(signer.DigestName)]);
            rows.Add(["  signature", SpecText.Printable(signer.SignatureAlgorithm)]);
            if (signer.FirmwareLimit is { } limit)
                rows.Add(["  caution", limit]);
        }

        foreach (Certificate certificate in signature.Certificates)
        {
            rows.Add(["certificate", SpecText.Printable(certificate.Subject)]);
            string dates = string.Create(CultureInfo.InvariantCulture, $"{certificate.NotBefore:yyyy-MM-dd} to {certificate.NotAfter:yyyy-MM-dd}");
            rows.Add(["  valid", dates]);
            rows.Add(["  key", $"{SpecText.Printable(certificate.Key)}; {SpecText.Printable(certificate.SignatureAlgorithm)}"]);
            if (certificate.Weakness is { } weak)
                rows.Add(["  weak", $"it has {SpecText.Printable(weak)}"]);
        }

        yield return new ReportTable(_columns, rows, HasHead: false);
    }

    private static string[] Row(SbatEntry entry) =>
    [
        SpecText.Printable(entry.Component),
        entry.Generation.ToString(CultureInfo.InvariantCulture),
        SpecText.Printable(entry.Vendor),
        SpecText.Printable(entry.Package),
        SpecText.Printable(entry.Version),
        SpecText.Printable(entry.Url),
    ];
}
