using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using BootProtocol.Certificates;
using BootProtocol.Hashes;
using BootProtocol.Images;
using BootProtocol.Signatures;

namespace BootProtocol.Cli.Signing;

/// <summary>What there is to say of an image's signatures, as JSON.</summary>
internal static class VerificationJson
{
    /// <summary>Writes a document.</summary>
    public static void Write(ImageVerification verification, TextWriter output) => JsonOutput.Write(output, writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("file", verification.Name);
        writer.WriteString("verdict", VerdictNames.Of(verification.Verdict.Kind));
        writer.WriteString("reason", verification.Verdict.Reason);
        writer.WriteStartArray("chain");
        foreach (Certificate certificate in verification.Verdict.Chain)
            writer.WriteStringValue(certificate.Subject);
        writer.WriteEndArray();
        WriteBanks(writer, "digests", verification.Request, verification.Digests);
        WriteBanks(writer, "kernel_digests", verification.Request, verification.KernelDigests);
        writer.WriteStartArray("signatures");
        foreach (ImageSignature signature in verification.Verdict.Signatures)
            Write(writer, signature);
        writer.WriteEndArray();
        writer.WriteStartArray("sbat");
        foreach (SbatEntry entry in verification.Sbat)
            Write(writer, entry);
        writer.WriteEndArray();
        writer.WriteStartArray("pcr11");
        foreach ((UnifiedKernelProfile profile, ImmutableArray<ImmutableArray<byte[]>> banks, ImmutableArray<byte[]> kernel) in verification.Profiles)
        {
            writer.WriteStartObject();
            writer.WriteNumber("profile", profile.Index);
            writer.WriteString("id", profile.Id);
            WriteBanks(writer, "kernel_digests", verification.Request, kernel);
            writer.WriteStartArray("phases");
            for (int i = 0; i < UnifiedKernelMeasurement.Phases.Length; i++)
            {
                writer.WriteStartObject();
                writer.WriteString("phase", UnifiedKernelMeasurement.Phases[i]);
                WriteBanks(writer, "values", verification.Request, [.. banks.Select(values => values[i])]);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static void WriteBanks(Utf8JsonWriter writer, string name, VerificationRequest request, ImmutableArray<byte[]> values)
    {
        writer.WriteStartObject(name);
        for (int i = 0; i < values.Length; i++)
            writer.WriteString(HashFunctions.Name(request.Banks[i]), Convert.ToHexStringLower(values[i]));
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ImageSignature signature)
    {
        writer.WriteStartObject();
        writer.WriteNumber("offset", signature.Entry.Offset);
        writer.WriteNumber("size", signature.Entry.Length);
        writer.WriteString("fault", signature.Fault);
        writer.WriteString("digest_algorithm", signature.DigestName);
        writer.WriteString("digest", Convert.ToHexStringLower(signature.Digest.Span));
        writer.WriteBoolean("digest_matches", signature.IsDigestRight);
        writer.WriteStartArray("signers");
        foreach (ImageSigner signer in signature.Signers)
        {
            writer.WriteStartObject();
            writer.WriteString("subject", signer.Subject);
            writer.WriteString("issuer", signer.Issuer);
            writer.WriteString("serial_number", signer.SerialNumber);
            writer.WriteString("digest_algorithm", signer.DigestName);
            writer.WriteString("signature_algorithm", signer.SignatureAlgorithm);
            writer.WriteString("caution", signer.FirmwareLimit);
            writer.WriteString("fault", signer.Fault);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("certificates");
        foreach (Certificate certificate in signature.Certificates)
        {
            writer.WriteStartObject();
            writer.WriteString("subject", certificate.Subject);
            writer.WriteString("issuer", certificate.Issuer);
            writer.WriteString("serial_number", certificate.SerialNumber);
            writer.WriteString("not_before", Time(certificate.NotBefore));
            writer.WriteString("not_after", Time(certificate.NotAfter));
            writer.WriteString("key", certificate.Key);
            writer.WriteString("signature_algorithm", certificate.SignatureAlgorithm);
            writer.WriteString("weakness", certificate.Weakness);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, SbatEntry entry)
    {
        writer.WriteStartObject();
        writer.WriteString("component", entry.Component);
        writer.WriteNumber("generation", entry.Generation);
        writer.WriteString("vendor", entry.Vendor);
        writer.WriteString("package", entry.Package);
        writer.WriteString("version", entry.Version);
        writer.WriteString("url", entry.Url);
        writer.WriteEndObject();
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
