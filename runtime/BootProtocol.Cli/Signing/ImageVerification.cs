using System.Collections.Immutable;
using BootProtocol.Cli.Inspection;
using BootProtocol.Hashes;
using BootProtocol.Images;
using BootProtocol.Signatures;

namespace BootProtocol.Cli.Signing;

/// <summary>What there is to say of an image's signatures and measurements.</summary>
/// <param name="Name">The image's name for people.</param>
/// <param name="Request">What it was verified against.</param>
/// <param name="Verdict">The verdict.</param>
/// <param name="Digests">The image's digest in each bank.</param>
/// <param name="KernelDigests">
/// The digest of the kernel in a unified kernel image, that of its first profile, in each bank; none if it has none with PE headers.
/// </param>
/// <param name="Profiles">What is measured of each profile; none if it is no unified kernel image.</param>
/// <param name="Sbat">The lines of its section <c>.sbat</c>.</param>
internal sealed record ImageVerification(
    string Name,
    VerificationRequest Request,
    ImageVerdict Verdict,
    ImmutableArray<byte[]> Digests,
    ImmutableArray<byte[]> KernelDigests,
    ImmutableArray<ProfileMeasurement> Profiles,
    ImmutableArray<SbatEntry> Sbat)
{
    /// <summary>Verifies an image.</summary>
    /// <exception cref="ToolException">It has no PE headers, or is broken.</exception>
    public static ImageVerification Of(OpenedImage opened, VerificationRequest request) => opened.Read(_ => Make(opened, request));

    private static ImageVerification Make(OpenedImage opened, VerificationRequest request)
    {
        BootImage file = opened.File;
        ImageVerdict verdict = ImageVerdict.Of(file, request.Trusted, request.Revoked);
        UnifiedKernelImage? unified = file.UnifiedKernel;
        bool hasKernel = unified is not null && file.Inner is { } inner && inner.TryGetPe(out _);
        return new ImageVerification(
            opened.Name,
            request,
            verdict,
            DigestsOf(file, request.Banks),
            hasKernel ? DigestsOf(file.Inner!, request.Banks) : [],
            [.. (unified?.Profiles ?? []).Select(profile => ProfileMeasurement.Of(profile, unified!.Profiles[0], request.Banks))],
            SbatEntry.ReadAll(file));
    }

    private static ImmutableArray<byte[]> DigestsOf(BootImage image, ImmutableArray<HashFunction> banks) =>
        [.. banks.Select(bank => ImageDigest.Compute(image, bank))];
}
