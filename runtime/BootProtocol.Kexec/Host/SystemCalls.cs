using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace BootProtocol.Kexec.Host;

/// <summary>The calls of the kernel that runs here. Numbers are those of x86-64 (asm/unistd_64.h).</summary>
internal sealed unsafe partial class SystemCalls : IKexecCalls
{
    private const string Library = "libc";
    private const int RebootNumber = 169;
    private const int KexecLoadNumber = 246;
    private const int CreateMemoryFileNumber = 319;
    private const int KexecFileLoadNumber = 320;
    private const int CloseOnExec = 1; // MFD_CLOEXEC

    /// <inheritdoc/>
    public int Load(Paddr entry, ReadOnlySpan<byte> segments, KexecLoadFlags flags)
    {
        fixed (byte* first = segments)
            return Error(Call(KexecLoadNumber, (nint)entry.Value, segments.Length / KexecSegment.Layout.Size64, (nint)first, (nint)(uint)flags, 0));
    }

    /// <inheritdoc/>
    public int LoadFile(SafeFileHandle? kernel, SafeFileHandle? initrd, ReadOnlySpan<byte> commandLine, KexecFileFlags flags)
    {
        bool hasKernel = false, hasInitrd = false;
        try
        {
            kernel?.DangerousAddRef(ref hasKernel);
            initrd?.DangerousAddRef(ref hasInitrd);
            fixed (byte* text = commandLine)
            {
                return Error(Call(
                    KexecFileLoadNumber,
                    kernel?.DangerousGetHandle() ?? -1,
                    initrd?.DangerousGetHandle() ?? -1,
                    commandLine.Length,
                    (nint)text,
                    (nint)(uint)flags));
            }
        }
        finally
        {
            if (hasKernel)
                kernel!.DangerousRelease();
            if (hasInitrd)
                initrd!.DangerousRelease();
        }
    }

    /// <inheritdoc/>
    public int Execute()
    {
        Synchronize();
        return Error(Call(RebootNumber, unchecked((int)RebootMagic.First), (nint)RebootMagic.Second, (nint)RebootCommand.Kexec, 0, 0));
    }

    /// <inheritdoc/>
    public SafeFileHandle CreateFile(IEnumerable<ReadOnlyMemory<byte>> parts)
    {
        ReadOnlySpan<byte> name = "kexec\0"u8;
        nint descriptor;
        fixed (byte* first = name)
            descriptor = Call(CreateMemoryFileNumber, (nint)first, CloseOnExec, 0, 0, 0);
        if (descriptor < 0)
            throw new KexecException("make a file in memory", Marshal.GetLastPInvokeError());
        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        long at = 0;
        foreach (ReadOnlyMemory<byte> part in parts)
        {
            RandomAccess.Write(file, part.Span, at);
            at += part.Length;
        }

        return file;
    }

    private static int Error(nint answer) => answer < 0 ? Marshal.GetLastPInvokeError() : 0;

    /// <summary>A call of the kernel. The function takes a varying number of arguments, which x86-64 passes as any others.</summary>
    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nint first, nint second, nint third, nint fourth, nint fifth);

    [LibraryImport(Library, EntryPoint = "sync")]
    private static partial void Synchronize();
}
