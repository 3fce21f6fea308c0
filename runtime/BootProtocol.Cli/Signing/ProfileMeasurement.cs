using System.Collections.Immutable;
using BootProtocol.Hashes;
using BootProtocol.Images;
using BootProtocol.Signatures;

namespace BootProtocol.Cli.Signing;

/// <summary>What a TPM measures of one profile of a unified kernel image.</summary>
/// <param name="Profile">The profile.</param>
/// <param name="Registers">What PCR 11 holds, by bank and phase.</param>
/// <param name="KernelDigests">
/// The digest of the profile's own kernel in each bank; none if it has the same as the first profile, or one without PE headers.
/// </param>
internal sealed record ProfileMeasurement(
    UnifiedKernelProfile Profile, ImmutableArray<ImmutableArray<byte[]>> Registers, ImmutableArray<byte[]> KernelDigests)
{
    /// <summary>Measures a profile.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="first">The first one of the image.</param>
    /// <param name="banks">The hash functions.</param>
    /// <exception cref="BootFormatException">A part does not lie in the file, or its kernel's headers are broken.</exception>
    public static ProfileMeasurement Of(UnifiedKernelProfile profile, UnifiedKernelProfile first, ImmutableArray<HashFunction> banks) => new(
        profile,
        [.. banks.Select(bank => UnifiedKernelMeasurement.Pcr11(profile, bank))],
        ReferenceEquals(profile.Find(UnifiedKernelImage.KernelSection), first.Find(UnifiedKernelImage.KernelSection)) ? [] : OfKernel(profile, banks));

    private static ImmutableArray<byte[]> OfKernel(UnifiedKernelProfile profile, ImmutableArray<HashFunction> banks)
    {
        if (!profile.Kernel.Span.StartsWith("MZ"u8))
            return [];
        using var kernel = BootImage.Open(profile.Kernel);
        return kernel.TryGetPe(out _) ? [.. banks.Select(bank => ImageDigest.Compute(kernel, bank))] : [];
    }
}
