using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace BootProtocol.Output;

/// <summary>Keeps files apart from devices and pipes, which nothing must be put in the place of.</summary>
internal static class OrdinaryFile
{
    private const int CurrentFolder = -100;
    private const uint TypeOnly = 1;
    private const int ResultSize = 256;
    private const int ModeOffset = 28;
    private const int TypeMask = 0xf000;
    private const int Regular = 0x8000;

    /// <summary>Whether a file can come to a place: nothing is there, or a file is, or a link to one.</summary>
    /// <remarks>.NET has no call for that; only Linux is asked, by statx(2).</remarks>
    public static bool IsPlace(string path)
    {
        if (!OperatingSystem.IsLinux())
            return true;
        byte[] result = new byte[ResultSize];
        return GetStatus(CurrentFolder, path, 0, TypeOnly, result) != 0
            || (BinaryPrimitives.ReadUInt16LittleEndian(result.AsSpan(ModeOffset)) & TypeMask) == Regular;
    }

    [DllImport("libc", EntryPoint = "statx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetStatus(
        int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] result);
}
