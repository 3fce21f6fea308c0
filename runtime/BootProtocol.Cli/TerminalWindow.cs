using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace BootProtocol.Cli;

/// <summary>A terminal that is open already, as Linux has it. The runtime's own console would change its mode at the first access.</summary>
internal static class TerminalWindow
{
    private const int StandardOutput = 1;
    private const ulong GetWindowSize = 0x5413; // TIOCGWINSZ

    /// <summary>The size of standard output's terminal in characters and lines; 0 where it does not say.</summary>
    public static (int Width, int Height) Read() =>
        Control(StandardOutput, GetWindowSize, out Size size) == 0 ? (size.Columns, size.Rows) : (0, 0);

    /// <summary>A stream that writes to a terminal, which stays open.</summary>
    /// <param name="descriptor">The terminal: 1 or 2.</param>
    public static Stream Open(int descriptor)
    {
        if (!OperatingSystem.IsLinux())
            return descriptor == StandardOutput ? Console.OpenStandardOutput() : Console.OpenStandardError();
        return new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
    }

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
