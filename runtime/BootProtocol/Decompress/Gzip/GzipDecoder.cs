using System.IO.Compression;
using System.IO.Hashing;
using BootProtocol.Compression;

namespace BootProtocol.Decompress;

/// <summary>Decodes gzip (RFC 1952), several members included, with the platform's inflate.</summary>
internal sealed class GzipDecoder : PayloadDecoder
{
    // Small enough that the bytes are still in the cache when the checksum reads them.
    private const int PieceLength = 256 << 10;

    private readonly Crc32 _crc = new();
    private DeflateInput _input;
    private DeflateStream _inflater;
    private int _dataStart;
    private int _memberPosition;
    private byte? _pending;

    public GzipDecoder(PayloadSource source)
        : base(source, CheckedLength(source)) => (_input, _inflater) = Open(0);

    /// <summary>A bzImage's payload ends with the size of its only member.</summary>
    private bool MayHaveMembers => Options.End != PayloadEnd.SizeTrailer;

    private protected override void Advance(Memory<byte> room, int count)
    {
        while (!IsComplete && (Position < count || Position == room.Length))
        {
            if (Position == room.Length)
            {
                if (LookAhead())
                    return;
                CloseMember();
                continue;
            }

            var piece = room.Span.Slice(Position, Math.Min(PieceLength, room.Length - Position));
            int decoded = 1;
            if (_pending is { } pending)
                (piece[0], _pending) = (pending, null);
            else
                decoded = Read(piece);
            if (decoded == 0)
            {
                CloseMember();
                continue;
            }
            _crc.Append(piece[..decoded]);
            MoveTo(Position + decoded);
        }
    }

    private protected override void Release() => _inflater.Dispose();

    private (DeflateInput Input, DeflateStream Inflater) Open(int member)
    {
        _dataStart = GzipHeader.Read(Stream.Span, member);
        var input = new DeflateInput(Stream, _dataStart, MayHaveMembers);
        return (input, new DeflateStream(input, CompressionMode.Decompress));
    }

    /// <summary>Whether there is more output. Only a byte that has no place shows that; it is kept.</summary>
    private bool LookAhead()
    {
        Span<byte> probe = stackalloc byte[1];
        if (_pending is null && Read(probe) > 0)
            _pending = probe[0];
        return _pending is not null;
    }

    private int Read(Span<byte> piece)
    {
        try
        {
            return _inflater.Read(piece);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw Fault("deflate data", _input.PieceStart, "deflate data", "something else", e);
        }
    }

    /// <summary>Checks the member's trailer, which stands where the deflate data ends; then goes to the next member, if there is one.</summary>
    private void CloseMember()
    {
        int at = FindEnd();
        var stream = Stream.Span;
        if (stream.Length - at < GzipHeader.TrailerLength)
            throw EndsEarly("CRC32 and size", stream.Length);
        uint crc = _crc.GetCurrentHashAsUInt32();
        uint size = (uint)(Position - _memberPosition);
        GzipTrailer trailer = GzipTrailer.Parse(stream[at..]);
        (uint statedCrc, uint statedSize) = (trailer.Crc32, trailer.Isize);
        if (statedCrc != crc || statedSize != size)
        {
            throw Fault(
                "CRC32 and size",
                at,
                $"0x{crc:x8} and {size}, those of the output, behind the deflate data",
                $"0x{statedCrc:x8} and {statedSize}",
                code: statedCrc == crc ? BootErrorCode.WrongSize : BootErrorCode.BadChecksum);
        }

        int end = at + GzipHeader.TrailerLength;
        if (!MayHaveMembers || !GzipHeader.IsAt(stream[end..]))
        {
            End(SkipPadding(end));
            return;
        }
        _inflater.Dispose();
        (_input, _inflater) = Open(end);
        _crc.Reset();
        _memberPosition = Position;
    }

    /// <summary>Where the deflate data ends.</summary>
    private int FindEnd()
    {
        if (_input.PieceEnd - _input.PieceStart <= 1)
            return _input.PieceEnd;
        // It ends where neither another member nor the payload's end says so. Only decoding it again, with the last piece byte by byte,
        // shows where; this can be only once in a payload.
        var input = new DeflateInput(Stream, _dataStart, mayHaveMembers: false, firstSingle: _input.PieceStart);
        using var inflater = new DeflateStream(input, CompressionMode.Decompress);
        byte[] output = new byte[PieceLength];
        while (inflater.Read(output) > 0)
            Options.Cancellation.ThrowIfCancellationRequested();
        return input.PieceEnd;
    }

    /// <summary>Files may be padded with zeros, which the tool passes over too.</summary>
    private int SkipPadding(int end) =>
        Options.End == PayloadEnd.Exact && !Stream.Span[end..].ContainsAnyExcept((byte)0) ? Stream.Length : end;
}
