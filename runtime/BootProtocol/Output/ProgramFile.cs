namespace BootProtocol.Output;

/// <summary>Finds programs by name, as a shell does.</summary>
/// <remarks>
/// .NET looks in the current folder before it looks in those of <c>PATH</c>: a file that lies beside a downloaded image must not be run.
/// </remarks>
internal static class ProgramFile
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Finds a program in the folders of <c>PATH</c>; those that are relative are left out.</summary>
    /// <param name="name">Its name; one with a folder is taken as it is.</param>
    /// <returns>Its path; null if there is none.</returns>
    public static string? Find(string name)
    {
        if (name.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal))
            return name;
        string fileName = OperatingSystem.IsWindows() && !Path.HasExtension(name) ? $"{name}.exe" : name;
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return folders.Where(Path.IsPathFullyQualified).Select(folder => Path.Combine(folder, fileName)).FirstOrDefault(IsExecutable);
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & Executable) != 0);
}
