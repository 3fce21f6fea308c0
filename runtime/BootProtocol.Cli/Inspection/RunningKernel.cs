using BootProtocol.Images;

namespace BootProtocol.Cli.Inspection;

/// <summary>Finds the image of the kernel that runs here.</summary>
/// <param name="root">The folder under which the system's folders are.</param>
internal sealed class RunningKernel(string root)
{
    private const string ReleaseFile = "proc/sys/kernel/osrelease";

    /// <summary>Where systems keep it under its own name, which stands for the star.</summary>
    private static readonly string[] _named =
        ["boot/vmlinuz-*", "boot/kernel-*", "boot/bzImage-*", "boot/vmlinux-*", "lib/modules/*/vmlinuz", "usr/lib/modules/*/vmlinuz"];

    /// <summary>Where they keep one that only its own text can say to be it.</summary>
    private static readonly string[] _unnamed = ["boot/vmlinuz", "boot/vmlinuz-linux", "boot/bzImage", "vmlinuz"];

    /// <summary>That of this system.</summary>
    public static RunningKernel OfSystem() => new("/");

    /// <summary>Looks in the usual places for an image of the running kernel that this user may read. One of another kernel is not taken.</summary>
    /// <returns>The file.</returns>
    /// <exception cref="ToolException">There is none; the line says what is in the way.</exception>
    public string Find()
    {
        string release = ReadRelease();
        var obstacles = new List<string>();
        foreach (string place in _named.Select(place => place.Replace("*", release, StringComparison.Ordinal)).Concat(_unnamed))
        {
            string path = Path.Combine(root, place);
            if (!Path.Exists(path))
                continue;
            if (Obstacle(path, release, !_unnamed.Contains(place)) is not { } obstacle)
                return path;
            obstacles.Add(obstacle);
        }

        throw Fail($", {release}, {(obstacles.Count > 0
            ? $"cannot be read: {string.Join("; ", obstacles)}"
            : $"is not there: {Path.Combine(root, _named[0].Replace("*", release, StringComparison.Ordinal))} does not exist")}");
    }

    /// <summary>Why a file is not to be taken; null if it is.</summary>
    private static string? Obstacle(string path, string release, bool isNamed)
    {
        try
        {
            using BootImage image = BootImage.Open(path);
            string? version = image.KernelVersion?.Split(' ')[0];
            return version == release || (version is null && isNamed) ? null : $"{path} is {version ?? "a kernel without a version"}";
        }
        catch (UnauthorizedAccessException)
        {
            return Directory.Exists(path) ? $"{path} is a directory" : $"{path} may not be read by this user";
        }
        catch (Exception exception) when (exception is IOException or BootFormatException)
        {
            return $"{path}: {exception.Message}";
        }
    }

    private static ToolException Fail(string why) =>
        new(ExitCode.BadInput, $"the running system's kernel{why}; name an image, or ask for the sample guest with --sample");

    private string ReadRelease()
    {
        string file = Path.Combine(root, ReleaseFile);
        try
        {
            return File.ReadAllText(file).Trim() is { Length: > 0 } release ? release : throw Fail($" is not known: {file} is empty");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Fail($" is not known: {exception.Message}");
        }
    }
}
