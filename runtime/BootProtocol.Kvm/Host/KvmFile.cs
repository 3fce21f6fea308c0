using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace BootProtocol.Kvm.Host;

/// <summary>A file of KVM: the driver, a machine, or a processor.</summary>
/// <remarks>
/// The structures that requests take come as spans, pinned for the call; each request says by its number how many bytes of them the kernel
/// reads and writes, and the spans are views' own, made with at least that size.
/// </remarks>
internal sealed unsafe class KvmFile : IDisposable
{
    private readonly SafeFileHandle _handle;

    private KvmFile(SafeFileHandle handle) => _handle = handle;

    /// <summary>Opens the driver.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="error">The error number, if it cannot be opened.</param>
    public static KvmFile? TryOpen(string path, out int error)
    {
        int descriptor = SystemLibrary.Open(path, SystemLibrary.ReadWriteClosed);
        error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        return descriptor < 0 ? null : new KvmFile(new SafeFileHandle(descriptor, ownsHandle: true));
    }

    /// <summary>Issues a request that takes a number.</summary>
    /// <param name="request">The request.</param>
    /// <param name="argument">The number.</param>
    /// <param name="step">What it is for; an error names it.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="KvmException">It was refused.</exception>
    public int Ask(KvmRequest request, long argument, string step) =>
        Check(SystemLibrary.Control(_handle, (nuint)request, (nint)argument), step);

    /// <summary>Issues a request whose answer is a file.</summary>
    /// <inheritdoc cref="Ask"/>
    public KvmFile Make(KvmRequest request, long argument, string step) =>
        new(new SafeFileHandle(Ask(request, argument, step), ownsHandle: true));

    /// <summary>Issues a request that takes a structure, or fills it in.</summary>
    /// <param name="request">The request.</param>
    /// <param name="structure">The structure.</param>
    /// <param name="step">What it is for; an error names it.</param>
    /// <exception cref="KvmException">It was refused.</exception>
    public void Pass(KvmRequest request, Span<byte> structure, string step)
    {
        fixed (byte* start = structure)
            Check(SystemLibrary.Control(_handle, (nuint)request, (nint)start), step);
    }

    /// <summary>Runs a processor.</summary>
    /// <returns>0 where something is for this program, or the error number.</returns>
    public int Run() => SystemLibrary.Control(_handle, (nuint)KvmRequest.Run, 0) < 0 ? Marshal.GetLastPInvokeError() : 0;

    /// <summary>Maps what a processor shares with this program.</summary>
    /// <param name="length">Its bytes.</param>
    /// <exception cref="KvmException">That is not possible.</exception>
    public MappedMemory Map(int length) => MappedMemory.OfFile(_handle, length);

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static int Check(int answer, string step) => answer >= 0 ? answer : throw new KvmException(step, Marshal.GetLastPInvokeError());
}
