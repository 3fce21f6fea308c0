using BootProtocol.Images;

namespace BootProtocol.Kernels;

/// <summary>A kernel that is decoded once, for any number of domains: each copies its segments out of the same bytes.</summary>
/// <remarks>
/// It is the one owner of these bytes, which nobody writes to. Any thread may open kernels of it at any time; each of those is for one thread,
/// and costs no more than its headers. The image must stay open as long as they are used, and so must this: after its disposal, all of them
/// throw <see cref="ObjectDisposedException"/>, also in the middle of a build.
/// </remarks>
/// <example><code>
/// using DecodedKernel once = DecodedKernel.Decode(image);
/// for (int number = 0; number &lt; 3; number++)               // or on as many threads
/// {
///     using Kernel same = once.Open();
///     using XenPvDomain guest = new XenPvBuilder { MemorySize = 64 &lt;&lt; 20, CommandLine = $"guest={number}" }.Build(same);
///     Console.WriteLine($"guest {number}: {guest.FrameCount} pages, {once.Length} bytes of kernel");
/// }
/// </code></example>
public sealed class DecodedKernel : IDisposable
{
    private readonly Kernel _kernel;
    private readonly Limits _limits;

    private DecodedKernel(Kernel kernel, ReadOnlyMemory<byte> bytes, Limits limits)
    {
        _kernel = kernel;
        _limits = limits;
        Bytes = bytes;
    }

    /// <summary>Its size in bytes.</summary>
    public int Length => _kernel.Length;

    /// <summary>All of it.</summary>
    internal ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Decodes the kernel of an image, on all cores where the format allows.</summary>
    /// <param name="image">The image.</param>
    /// <param name="limits">How much it may ask for; null for <see cref="Limits.Default"/>.</param>
    /// <param name="progress">Gets the number of bytes decoded so far, on any thread.</param>
    /// <param name="cancellation">Ends the decoding.</param>
    /// <exception cref="BootFormatException">There is no payload, or it cannot be decoded.</exception>
    /// <exception cref="OperationCanceledException">The caller asked for it.</exception>
    public static DecodedKernel Decode(
        BootImage image, Limits? limits = null, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        Kernel kernel = image.Decompress(limits, progress, cancellation);
        try
        {
            return new DecodedKernel(kernel, kernel.DecodeAll(), limits ?? Limits.Default);
        }
        catch
        {
            kernel.Dispose();
            throw;
        }
    }

    /// <summary>Opens the kernel for one thread, with nothing left to decode.</summary>
    /// <returns>The kernel, which its user disposes; the bytes stay here.</returns>
    public Kernel Open() => new(_kernel.Payload, _limits, new SharedKernelBytes(this));

    /// <summary>Gives the bytes up: from then on every other member throws, and so does every kernel that was opened.</summary>
    public void Dispose() => _kernel.Dispose();

    /// <summary>Checks that it is not disposed.</summary>
    /// <exception cref="ObjectDisposedException">It is.</exception>
    internal void ThrowIfDisposed() => _ = _kernel.Length;
}
