using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace BootProtocol.Kvm.Host;

/// <summary>The C library, as far as .NET has no call of its own for it. Functions return -1 where they fail, and set the error number.</summary>
internal static unsafe partial class SystemLibrary
{
    /// <summary>EINTR: a signal came.</summary>
    public const int Interrupted = 4;

    /// <summary>EAGAIN: to be tried again.</summary>
    public const int TryAgain = 11;

    /// <summary>ENOMEM: not enough memory.</summary>
    public const int NoMemory = 12;

    /// <summary>O_RDWR and O_CLOEXEC.</summary>
    public const int ReadWriteClosed = 0x80002;

    private const string Name = "libc";

    /// <summary>Opens a file.</summary>
    [LibraryImport(Name, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    /// <summary>Closes a file.</summary>
    [LibraryImport(Name, EntryPoint = "close")]
    public static partial int Close(int file);

    /// <summary>Asks a driver for something. The function takes a varying number of arguments, which x86-64 passes as any others.</summary>
    [LibraryImport(Name, EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(SafeFileHandle file, nuint request, nint argument);

    /// <summary>Makes a mapping; all ones if it fails.</summary>
    [LibraryImport(Name, EntryPoint = "mmap", SetLastError = true)]
    public static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    /// <summary>Takes a mapping away.</summary>
    [LibraryImport(Name, EntryPoint = "munmap", SetLastError = true)]
    public static partial int Unmap(nint address, nuint length);

    /// <summary>Says how a mapping is used.</summary>
    [LibraryImport(Name, EntryPoint = "madvise", SetLastError = true)]
    public static partial int Advise(nint address, nuint length, int advice);

    /// <summary>Changes which signals this thread takes; the error number is what it returns.</summary>
    [LibraryImport(Name, EntryPoint = "pthread_sigmask")]
    public static partial int SignalMask(int how, byte* set, byte* old);

    /// <summary>A call of the kernel.</summary>
    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    public static partial nint Call(nint number, nint first, nint second, nint third);
}
