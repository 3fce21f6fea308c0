using System.Diagnostics.CodeAnalysis;
using BootProtocol.Images;

namespace BootProtocol.Cli.Inspection;

/// <summary>Finds the image of the kernel that runs here.</summary>
internal static class RunningKernel
{
    private const string ReleaseFile = "/proc/sys/kernel/osrelease";

    /// <summary>Opens the first of the usual places that holds an image which this user may read.</summary>
    public static bool TryOpen([NotNullWhen(true)] out string? file, [NotNullWhen(true)] out BootImage? image)
    {
        foreach (string candidate in Candidates())
        {
            try
            {
                image = BootImage.Open(candidate);
                file = candidate;
                return true;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or BootFormatException)
            {
                // Missing, private to root, or of another architecture: the next place may do.
            }
        }

        file = null;
        image = null;
        return false;
    }

    private static IEnumerable<string> Candidates()
    {
        string? release = Release();
        if (release is not null)
            yield return $"/boot/vmlinuz-{release}";
        yield return "/boot/vmlinuz";
        yield return "/vmlinuz";
        if (release is not null)
            yield return $"/lib/modules/{release}/vmlinuz";
    }

    private static string? Release()
    {
        try
        {
            return File.ReadAllText(ReleaseFile).Trim() is { Length: > 0 } release ? release : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
