using System.Globalization;
using BootProtocol.Domains;
using BootProtocol.Memory;
using BootProtocol.Xen;

namespace BootProtocol.Verify;

/// <summary>A built PV domain as a hypervisor would be handed it, whoever built it.</summary>
/// <example><code>
/// string file = Path.Combine(folder, "domain");
/// RawOutput.Write(pv, file);
/// XenPvImage read = XenPvImage.ReadRaw(file, pv.LaidOutEnd.Value, pv.Frames);
/// using (read.Memory)
///     Console.WriteLine($"{read.FrameCount} frames, {read.Context.Length} bytes of processor state");
/// </code></example>
public sealed class XenPvImage
{
    private const long PieceLength = 1L << 30;

    /// <summary>The word size of its kernel.</summary>
    public required WordSize Word { get; init; }

    /// <summary>Its memory by pseudo-physical address.</summary>
    public required GuestMemory Memory { get; init; }

    /// <summary>The number of frames that the domain has.</summary>
    public required ulong FrameCount { get; init; }

    /// <summary>The machine frames behind them.</summary>
    public required IMachineFrames Frames { get; init; }

    /// <summary>The context of its first virtual CPU: a vcpu_guest_context of its word size.</summary>
    public required ReadOnlyMemory<byte> Context { get; init; }

    /// <summary>The page that it shares with the hypervisor; 4096 bytes.</summary>
    public required ReadOnlyMemory<byte> SharedInfo { get; init; }

    /// <summary>
    /// Whether a restore has put it where it is. What a restore alone leaves behind, the machine frame of start_info in rdx or edx and masked
    /// event channels, is not in <see cref="Context"/> and <see cref="SharedInfo"/> then.
    /// </summary>
    public bool IsRestored { get; init; }

    /// <summary>Takes a domain as it was built. It has to stay as it is meanwhile.</summary>
    public static XenPvImage Of(XenPvDomain domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        return new XenPvImage
        {
            Word = domain.Placement.Word,
            Memory = domain.Memory,
            FrameCount = domain.FrameCount,
            Frames = domain.Frames,
            Context = domain.VcpuContext,
            SharedInfo = domain.SharedFrames,
        };
    }

    /// <summary>Reads the files of a raw domain: its frames with shared_info behind them, and the context in <c>PATH.vcpu</c>.</summary>
    /// <param name="path">The file of the frames.</param>
    /// <param name="frameCount">The number of frames that the domain has; the file has no more than were laid out.</param>
    /// <param name="frames">The machine frames behind them.</param>
    /// <returns>The domain; its memory is the caller's to dispose.</returns>
    /// <exception cref="BootFormatException">
    /// The files have no such sizes, or none at all, as pipes have; or the domain has more than 4 TiB of memory.
    /// </exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read a file.</exception>
    public static XenPvImage ReadRaw(string path, ulong frameCount, IMachineFrames frames)
    {
        XenPvVerifier.CheckFrameCount(frameCount);
        using FileStream file = File.OpenRead(path);
        if (!file.CanSeek)
            throw new BootFormatException(BootErrorCode.Unsupported, "raw domain", "", null, "a file that has a size", "a pipe or a device");
        long length = file.Length - X86Page.Size;
        if (file.Length % X86Page.Size != 0 || length <= 0 || (ulong)length / X86Page.Size > frameCount)
        {
            string expected = string.Create(CultureInfo.InvariantCulture, $"frames, at most {frameCount} of them, and the page shared_info");
            throw new BootFormatException(
                BootErrorCode.WrongSize, "raw domain", "", null, expected, string.Create(CultureInfo.InvariantCulture, $"{file.Length} bytes"));
        }

        byte[] context = ReadContext(path + ".vcpu", out WordSize word);
        GuestMemory memory = GuestMemory.Allocate();
        try
        {
            for (long at = 0; at < length; at += PieceLength)
                file.ReadExactly(memory.Claim(new Paddr((ulong)at), Math.Min(PieceLength, length - at)).Span);
            byte[] shared = new byte[X86Page.Size];
            file.ReadExactly(shared);
            return new XenPvImage
            {
                Word = word,
                Memory = memory,
                FrameCount = frameCount,
                Frames = frames,
                Context = context,
                SharedInfo = shared,
            };
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    private static byte[] ReadContext(string path, out WordSize word)
    {
        var file = new FileInfo(path);
        bool isNarrow = file.Length == VcpuGuestContext.Layout.Size32;
        if (!isNarrow && file.Length != VcpuGuestContext.Layout.Size64)
        {
            string expected = string.Create(
                CultureInfo.InvariantCulture, $"{VcpuGuestContext.Layout.Size32} or {VcpuGuestContext.Layout.Size64} bytes");
            throw new BootFormatException(
                BootErrorCode.WrongSize, "vcpu_guest_context", "", null, expected, string.Create(CultureInfo.InvariantCulture, $"{file.Length}"));
        }

        word = isNarrow ? WordSize.Bits32 : WordSize.Bits64;
        return File.ReadAllBytes(path);
    }
}
