using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace BootProtocol.Xen.Host;

/// <summary>The C library, as far as devices need it. Functions return -1 where they fail, and set the error number.</summary>
internal static partial class DeviceLibrary
{
    /// <summary>LOOP_CTL_GET_FREE: the number of a loop device that nobody uses.</summary>
    public const nint FreeLoop = 0x4c82;

    /// <summary>LOOP_CONFIGURE, since Linux 5.8.</summary>
    public const nint ConfigureLoop = 0x4c0a;

    /// <summary>SIOCGIFFLAGS.</summary>
    public const nint GetFlags = 0x8913;

    /// <summary>SIOCSIFFLAGS.</summary>
    public const nint SetFlags = 0x8914;

    /// <summary>SIOCGIFMTU.</summary>
    public const nint GetMtu = 0x8921;

    /// <summary>SIOCSIFMTU.</summary>
    public const nint SetMtu = 0x8922;

    /// <summary>SIOCGIFINDEX.</summary>
    public const nint GetIndex = 0x8933;

    /// <summary>SIOCBRADDIF: puts an interface into a bridge.</summary>
    public const nint AddToBridge = 0x89a2;

    /// <summary>O_EXCL for a block device that is there, to read: fails with EBUSY where somebody has it for himself. With O_NONBLOCK and O_CLOEXEC.</summary>
    public const int Alone = 0x80880;

    private const string Name = "libc";

    /// <summary>Asks a driver for something that needs no argument. On x86-64 the varying number of arguments is passed as any others.</summary>
    [LibraryImport(Name, EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(SafeFileHandle file, nint request, nint argument);

    /// <summary>Sets a loop device up.</summary>
    [LibraryImport(Name, EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(SafeFileHandle file, nint request, ref LoopConfiguration argument);

    /// <summary>Asks for, or sets, something of a network interface.</summary>
    [LibraryImport(Name, EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(SafeFileHandle socket, nint request, ref InterfaceRequest argument);

    /// <summary>Makes a socket.</summary>
    [LibraryImport(Name, EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int family, int kind, int protocol);

    /// <summary>Opens a file: its number.</summary>
    [LibraryImport(Name, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    /// <summary>Looks at a file.</summary>
    [LibraryImport(Name, EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Look(int folder, string path, int flags, uint wanted, out FileFacts facts);
}
