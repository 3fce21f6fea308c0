using BootProtocol.Compression;

namespace BootProtocol.Decompress;

/// <summary>Decodes a .lzma file ("LZMA alone"): properties, dictionary size, output size or none, then one LZMA stream.</summary>
internal sealed class LzmaDecoder : PayloadDecoder
{
    private const int HeaderLength = LzmaHeader.Layout.Size;
    private const int SizeOffset = LzmaHeader.Layout.Offset.UncompressedSize;
    private const ulong Unknown = ulong.MaxValue;

    private readonly LzmaState _state = new();
    private readonly bool _statesSize;
    private int _at = HeaderLength;

    public LzmaDecoder(PayloadSource source)
        : base(source, CheckedLength(source, StatedSize(source), "output size", SizeOffset))
    {
        var stream = Stream.Span;
        if (stream.Length < HeaderLength + LzmaState.StartLength)
            throw EndsEarly("header", stream.Length);
        if (!LzmaProperties.TryUnpack(stream[0], out var properties))
            throw Fault("properties", 0, "0 to 224", $"{stream[0]}");
        int memory = LzmaState.MemoryOf(properties);
        if (memory > Options.Limits.MaximumDecoderMemory)
            throw PayloadFault.TooMuchMemory(Format, "properties", 0, Options.Limits.MaximumDecoderMemory, memory);
        _statesSize = StatedSize(source) is not null;
        _state.Reset(properties);
        if (!_state.TryStart(stream[HeaderLength..]))
            throw Fault("data", HeaderLength, "a first byte of 0", $"{stream[HeaderLength]}");
        _at += LzmaState.StartLength;
    }

    private protected override void Advance(Memory<byte> room, int count)
    {
        while (Position < count)
        {
            if (Decode(room.Span, Position + Math.Min(StepLength, count - Position), looksAhead: false))
                return;
        }
        if (Position < room.Length)
            return;
        // The data may end here, or with a marker; a marker may follow a stated size too.
        if (IsFinished())
            End(_at);
        else
            Decode(room.Span, Position, looksAhead: true);
    }

    /// <summary>Decodes up to a place of the output.</summary>
    /// <returns>Whether the data are at their end.</returns>
    private bool Decode(Span<byte> room, int end, bool looksAhead)
    {
        int position = Position;
        var stop = _state.Decode(Stream.Span, ref _at, room, ref position, end, looksAhead);
        Place(position);
        switch (stop)
        {
            case LzmaStop.EndMarker:
                Normalize();
                if (!_state.IsFinished)
                    throw Fault("end marker", _at, "the end of the data", "more");
                End(_at);
                return true;
            case LzmaStop.Distance:
                throw Fault("data", _at, $"a distance within the {position} bytes before it", "a larger one");
            case LzmaStop.Input:
                throw EndsEarly("data", Stream.Length);
            default:
                Tell(position);
                return false;
        }
    }

    /// <summary>Whether the data ends here without a marker, as they may if the header states the size.</summary>
    private bool IsFinished()
    {
        if (!_statesSize || Position != Length)
            return false;
        Normalize();
        return _state.IsFinished;
    }

    private void Normalize()
    {
        if (_state.Normalize(Stream.Span, ref _at) == LzmaStop.Input)
            throw EndsEarly("data", Stream.Length);
    }

    private static ulong? StatedSize(PayloadSource source)
    {
        if (source.Stream.Length < HeaderLength)
            return null;
        ulong size = LzmaHeader.Parse(source.Stream.Span).UncompressedSize;
        return size == Unknown ? null : size;
    }
}
