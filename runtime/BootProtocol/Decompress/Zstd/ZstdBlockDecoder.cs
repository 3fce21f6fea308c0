using System.Runtime.InteropServices;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace BootProtocol.Decompress;

/// <summary>Decodes the compressed blocks of one Zstandard frame after the other, with the decoder of ZstdSharp.</summary>
/// <remarks>
/// Of the library's calls this is the one that says how many bytes it wrote, block by block. The one for a whole frame says only that it
/// failed, and what was written until then is anyone's guess: "the destination is too small" is its answer to some broken blocks too.
/// </remarks>
internal sealed unsafe class ZstdBlockDecoder : SafeHandle
{
    /// <summary>Makes a decoder; <see cref="Begin"/> has to be called first.</summary>
    public ZstdBlockDecoder()
        : base(IntPtr.Zero, ownsHandle: true) => SetHandle((IntPtr)Methods.ZSTD_createDCtx());

    /// <inheritdoc/>
    public override bool IsInvalid => handle == IntPtr.Zero;

    private ZSTD_DCtx_s* Context => (ZSTD_DCtx_s*)handle;

    /// <summary>Begins a frame: forgets tables and distances.</summary>
    public void Begin()
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        Methods.ZSTD_decompressBegin(Context);
    }

    /// <summary>Decodes a block.</summary>
    /// <param name="block">Its compressed bytes.</param>
    /// <param name="output">
    /// The frame's output so far, then room for the block's. All of the room may be written, whatever the result.
    /// </param>
    /// <param name="start">Where in it the block's output begins.</param>
    /// <param name="fault">What is wrong with the block, if it is malformed or has more output than there is room.</param>
    /// <returns>Bytes of output; -1 if there are none.</returns>
    public int Decode(ReadOnlySpan<byte> block, Span<byte> output, int start, out string fault)
    {
        fixed (byte* input = block, memory = output)
            return Decode(block, input, memory, start, memory + start, output.Length - start, out fault);
    }

    /// <summary>Decodes a block to another place than behind the frame's output, from which it copies all the same.</summary>
    /// <param name="block">Its compressed bytes.</param>
    /// <param name="before">The frame's output so far.</param>
    /// <param name="aside">Room for the block's output: at least one byte.</param>
    /// <param name="fault">As for the other.</param>
    public int DecodeAside(ReadOnlySpan<byte> block, ReadOnlySpan<byte> before, Span<byte> aside, out string fault)
    {
        fixed (byte* input = block, memory = before, target = aside)
            return Decode(block, input, memory, before.Length, target, aside.Length, out fault);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        Methods.ZSTD_freeDCtx(Context);
        return true;
    }

    private int Decode(ReadOnlySpan<byte> block, byte* input, byte* before, int beforeLength, byte* target, int room, out string fault)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        // Between two calls the output may have been moved. Where it is now is the window; a target elsewhere makes it a dictionary.
        Context->prefixStart = before;
        Context->virtualStart = before;
        Context->dictEnd = null;
        Context->previousDstEnd = before + beforeLength;
        nuint written = Methods.ZSTD_decompressBlock(Context, target, (nuint)room, input, (nuint)block.Length);
        bool isError = Methods.ZSTD_isError(written);
        fault = isError ? Methods.ZSTD_getErrorName(written) : "";
        return isError ? -1 : (int)written;
    }
}
