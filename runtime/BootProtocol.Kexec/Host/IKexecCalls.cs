using Microsoft.Win32.SafeHandles;

namespace BootProtocol.Kexec.Host;

/// <summary>The calls of the running kernel that load and start another one. Each returns 0, or Linux's error number.</summary>
internal interface IKexecCalls
{
    /// <summary>kexec_load(2).</summary>
    /// <param name="entry">The physical address where the new kernel's first instruction is.</param>
    /// <param name="segments">Structures kexec_segment, one behind the other; none drops what is loaded.</param>
    /// <param name="flags">Flags.</param>
    int Load(Paddr entry, ReadOnlySpan<byte> segments, KexecLoadFlags flags);

    /// <summary>kexec_file_load(2).</summary>
    /// <param name="kernel">The image; null for none.</param>
    /// <param name="initrd">The initial ramdisk; null for none.</param>
    /// <param name="commandLine">The command line with the NUL at its end.</param>
    /// <param name="flags">Flags.</param>
    int LoadFile(SafeFileHandle? kernel, SafeFileHandle? initrd, ReadOnlySpan<byte> commandLine, KexecFileFlags flags);

    /// <summary>Writes everything out, and starts what is loaded by reboot(2); it returns only if that fails.</summary>
    int Execute();

    /// <summary>Makes a file without a name in memory; it is at its start.</summary>
    /// <exception cref="KexecException">That is not possible.</exception>
    SafeFileHandle CreateFile(IEnumerable<ReadOnlyMemory<byte>> parts);
}
