using BootProtocol.Allocation;
using BootProtocol.Decompress;
using BootProtocol.Elf;

namespace BootProtocol.Kernels;

/// <summary>A kernel that is decoded as far as it was asked for.</summary>
/// <remarks>
/// Where the payload states more than kernels grow by, memory grows with what is decoded. Spans that were handed out before keep their
/// memory, with its contents.
/// </remarks>
internal sealed class DecodedKernelBytes : KernelBytes, IDisposable
{
    private readonly PayloadDecoder _decoder;
    private readonly BootFormatException? _cut;
    private readonly int _length;
    private OwnedMemory? _owned;
    private Memory<byte> _output;

    // Whether there are spans of it.
    private bool _isShown;
    private int _isDisposed;

    /// <summary>Takes a decoder over, and decodes into memory of its own.</summary>
    /// <param name="decoder">The decoder.</param>
    /// <param name="isCut">Whether the payload is known to be cut off: then all that there is of it is decoded.</param>
    public DecodedKernelBytes(PayloadDecoder decoder, bool isCut)
    {
        _decoder = decoder;
        if (isCut)
        {
            _cut = DecodeBeginning();
            _length = decoder.Position;
        }
        else if (decoder.Length is { } length and > 0)
        {
            _length = length;
            Grow(decoder.LikelyLength);
        }
        else
        {
            // Where the size is not stated, or is stated as 0, only the whole output shows it.
            Take(decoder.DecodeOwned());
            _length = decoder.Position;
        }
    }

    /// <summary>Takes a decoder over, and decodes everything into the caller's memory.</summary>
    public DecodedKernelBytes(PayloadDecoder decoder, Memory<byte> destination)
    {
        _decoder = decoder;
        if (decoder.Length > destination.Length)
            throw TooSmall(destination.Length, FormattableString.Invariant($"{decoder.Length}"));
        Memory<byte> room = decoder.Length is { } length ? destination[..length] : destination;
        _length = decoder.Decode(room, room.Length);
        if (!decoder.IsComplete)
            throw TooSmall(destination.Length, "more");
        _output = destination[.._length];
    }

    /// <summary>The number of bytes as the payload states it, or as they were decoded.</summary>
    public override long Length
    {
        get
        {
            ThrowIfDisposed();
            return _length;
        }
    }

    /// <summary>Bytes decoded so far.</summary>
    public int Position => _decoder.Position;

    /// <summary>Everything, decoded now as far as it is not yet.</summary>
    /// <exception cref="BootFormatException">It cannot be decoded, or has another size than the payload states.</exception>
    public ReadOnlyMemory<byte> ReadAll()
    {
        ThrowIfDisposed();
        if (_cut is not null)
            throw new BootFormatException(_cut.Error, _cut);
        // Asked for with nothing left too: the checks at the stream's end come with the last byte or after it.
        DecodeTo(_length);
        return _output[.._length];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        _decoder.Dispose();
        _owned?.Close();
    }

    protected override ReadOnlySpan<byte> ReadChecked(long offset, int length)
    {
        int end = (int)offset + length;
        if (end > _decoder.Position)
            DecodeTo(end);
        _isShown = true;
        return _output.Span.Slice((int)offset, length);
    }

    private void DecodeTo(int end)
    {
        while (!_decoder.IsComplete && (_decoder.Position < end || end == _length))
        {
            // Some formats cannot end a part anywhere in the last bytes of memory that is too short for all.
            if (_output.Length < _length && _decoder.Position >= _output.Length - PayloadDecoder.Slack)
                Grow(_decoder.RoomAfter(_output.Length));
            _decoder.Decode(_output, Math.Min(end, _output.Length < _length ? _output.Length - PayloadDecoder.Slack : _output.Length));
        }
    }

    private void Grow(int length)
    {
        OwnedMemory larger = OwnedMemory.Allocate(length);
        _output[.._decoder.Position].CopyTo(larger.Memory);
        if (!_isShown)
            _owned?.Close();
        Take(larger);
    }

    private void Take(OwnedMemory owned)
    {
        _owned = owned;
        _output = owned.Memory;
        _isShown = false;
    }

    /// <summary>Decodes what there is of a payload that ends early.</summary>
    /// <returns>The error at its end; null if it turned out to be whole.</returns>
    private BootFormatException? DecodeBeginning()
    {
        try
        {
            // In small steps: of blocks that are decoded together, a broken one would cost those before it.
            Grow(_decoder.LikelyLength);
            while (!_decoder.IsComplete)
            {
                if (_decoder.Position >= _output.Length - PayloadDecoder.Slack)
                    Grow(_decoder.RoomAfter(_output.Length));
                _decoder.Decode(_output, Math.Min(_output.Length, _decoder.Position + PayloadDecoder.Slack));
            }

            return null;
        }
        catch (BootFormatException exception)
        {
            return exception;
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, typeof(Kernel));

    private static BootRequestException TooSmall(int room, string found) =>
        new(BootErrorCode.NoRoom, "payload", "size", null, FormattableString.Invariant($"at most the {room} bytes of the destination"), found);
}
