using System.Buffers;
using BootProtocol.Decompress;
using BootProtocol.Elf;
using BootProtocol.Memory;

namespace BootProtocol.Kernels;

/// <summary>A kernel that is decoded as far as it was asked for.</summary>
internal sealed class DecodedKernelBytes : KernelBytes, IDisposable
{
    private const int FirstLength = 1 << 20;
    private readonly PayloadDecoder _decoder;
    private readonly BootFormatException? _cut;
    private byte[]? _rented;
    private Memory<byte> _output;

    /// <summary>Takes a decoder over, and decodes into memory of its own.</summary>
    /// <param name="decoder">The decoder.</param>
    /// <param name="isCut">Whether the payload is known to be cut off: then all that there is of it is decoded.</param>
    public DecodedKernelBytes(PayloadDecoder decoder, bool isCut)
    {
        _decoder = decoder;
        if (isCut)
        {
            _cut = DecodeBeginning();
            return;
        }

        // Memory cannot grow while spans of it are in use. A size that is not known, or a stated one that is empty or so small that no
        // kernel is of it, shows in full. To touch fresh memory for the first time costs a third of what decoding costs: who reads
        // many kernels gets that of the last one again.
        if (decoder.Length is { } length and > 0)
        {
            _rented = ArrayPool<byte>.Shared.Rent(length);
            _output = _rented.AsMemory(0, length);
            LargePages.Request(_output.Span);
        }
        else
        {
            _output = decoder.DecodeWhole();
        }
    }

    /// <summary>Takes a decoder over, and decodes everything into the caller's memory.</summary>
    public DecodedKernelBytes(PayloadDecoder decoder, Memory<byte> destination)
    {
        _decoder = decoder;
        if (decoder.Length > destination.Length)
            throw TooSmall(destination.Length, FormattableString.Invariant($"{decoder.Length}"));
        Memory<byte> room = decoder.Length is { } length ? destination[..length] : destination;
        int position = decoder.Decode(room, room.Length);
        if (!decoder.IsComplete)
            throw TooSmall(destination.Length, "more");
        _output = destination[..position];
    }

    /// <summary>The number of bytes as the payload states it, or as they were decoded.</summary>
    public override long Length => _output.Length;

    /// <summary>Bytes decoded so far.</summary>
    public int Position => _decoder.Position;

    /// <summary>Everything, decoded now as far as it is not yet.</summary>
    /// <exception cref="BootFormatException">It cannot be decoded, or has another size than the payload states.</exception>
    public ReadOnlyMemory<byte> ReadAll()
    {
        if (_cut is not null)
            throw new BootFormatException(_cut.Error, _cut);
        // Asked for with nothing left too: the checks at the stream's end come with the last byte or after it.
        if (!_decoder.IsComplete)
            _decoder.Decode(_output, _output.Length);
        return _output;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _decoder.Dispose();
        _output = default;
        if (_rented is { } rented)
            ArrayPool<byte>.Shared.Return(rented);
        _rented = null;
    }

    protected override ReadOnlySpan<byte> ReadChecked(long offset, int length)
    {
        int end = (int)offset + length;
        if (end > _decoder.Position)
            _decoder.Decode(_output, end);
        return _output.Span.Slice((int)offset, length);
    }

    /// <summary>Decodes what there is of a payload that ends early.</summary>
    /// <returns>The error at its end; null if it turned out to be whole.</returns>
    private BootFormatException? DecodeBeginning()
    {
        byte[] output = [];
        try
        {
            while (!_decoder.IsComplete)
            {
                Array.Resize(ref output, (int)Math.Min(Array.MaxLength, Math.Max(2L * output.Length, FirstLength)));
                _output = output;
                _decoder.Decode(output, output.Length);
            }

            return null;
        }
        catch (BootFormatException exception)
        {
            return exception;
        }
        finally
        {
            _output = output.AsMemory(0, _decoder.Position);
        }
    }

    private static BootFormatException TooSmall(int room, string found) =>
        new("payload", "size", null, FormattableString.Invariant($"at most the {room} bytes of the destination"), found);
}
