using System.Runtime.InteropServices;

namespace BootProtocol.Cli;

/// <summary>Asks Linux for a terminal's size. The runtime's own console would change the terminal's mode for that.</summary>
internal static class TerminalWindow
{
    private const int StandardOutput = 1;
    private const ulong GetWindowSize = 0x5413; // TIOCGWINSZ

    /// <summary>The size of standard output's terminal in characters and lines; 0 where it does not say.</summary>
    public static (int Width, int Height) Read() =>
        Control(StandardOutput, GetWindowSize, out Size size) == 0 ? (size.Columns, size.Rows) : (0, 0);

    [DllImport("libc", EntryPoint = "ioctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(int descriptor, ulong request, out Size size);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Size
    {
        public readonly ushort Rows;
        public readonly ushort Columns;
        private readonly ushort _width;
        private readonly ushort _height;
    }
}
