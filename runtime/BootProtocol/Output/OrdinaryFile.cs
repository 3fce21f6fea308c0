using System.Runtime.InteropServices;
using BootProtocol.LinuxFiles;

namespace BootProtocol.Output;

/// <summary>Keeps files apart from devices and pipes, which nothing must be put in the place of.</summary>
internal static class OrdinaryFile
{
    private const int CurrentFolder = -100;

    /// <summary>Whether a file can come to a place: nothing is there, or a file is, or a link to one.</summary>
    /// <remarks>.NET has no call for that; only Linux is asked, by statx(2).</remarks>
    public static bool IsPlace(string path)
    {
        if (!OperatingSystem.IsLinux())
            return true;
        byte[] result = new byte[FileStatus.Layout.Size];
        return GetStatus(CurrentFolder, path, 0, FileStatusMask.Kind, result) != 0 || FileStatus.Parse(result).Mode.GetKind() == FileKind.Regular;
    }

    [DllImport("libc", EntryPoint = "statx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetStatus(
        int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] result);
}
