using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace BootProtocol.Decompress;

/// <summary>Decodes gzip (RFC 1952), several members included, with the platform's inflate.</summary>
internal sealed class GzipDecoder : PayloadDecoder
{
    private const int TrailerLength = 8;

    // Small enough that the bytes are still in the cache when the checksum reads them.
    private const int PieceLength = 256 << 10;

    // Inflate may hold some bits of the last bytes back and ask for more input before it says that it is done.
    private const int HeldBack = 16;

    private readonly Crc32 _crc = new();
    private DeflateInput _input;
    private DeflateStream _inflater;
    private int _dataStart;
    private int _memberPosition;
    private byte? _pending;

    public GzipDecoder(PayloadSource source)
        : base(source, CheckedLength(source)) => (_input, _inflater) = Open(0);

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
        var input = new DeflateInput(Stream, _dataStart);
        return (input, new DeflateStream(input, CompressionMode.Decompress));
    }

    /// <summary>Whether there is more output. Only a byte that has no place can tell; it is kept.</summary>
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

    /// <summary>
    /// Finds the member's trailer, the checksum and size of what was decoded, in the piece of input that was the last to be asked for; then
    /// goes to the next member, if there is one.
    /// </summary>
    private void CloseMember()
    {
        Span<byte> trailer = stackalloc byte[TrailerLength];
        uint crc = _crc.GetCurrentHashAsUInt32();
        uint size = (uint)(Position - _memberPosition);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, crc);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[4..], size);

        int end = FindTrailer(trailer);
        if (end < 0)
            throw WrongTrailer(crc, size);

        bool isFollowed = Options.End != PayloadEnd.SizeTrailer && GzipHeader.IsAt(Stream.Span[end..]);
        if (!isFollowed)
        {
            End(end);
            return;
        }
        _inflater.Dispose();
        (_input, _inflater) = Open(end);
        _crc.Reset();
        _memberPosition = Position;
    }

    /// <summary>Where the member ends; -1 if its trailer is not there.</summary>
    private int FindTrailer(ReadOnlySpan<byte> trailer)
    {
        int from = Math.Max(_dataStart, _input.PieceStart - HeldBack);
        int to = (int)Math.Min(Stream.Length, (long)_input.PieceEnd + TrailerLength);
        int first = -1;
        while (Stream.Span[from..to].IndexOf(trailer) is var found and >= 0)
        {
            from += found + 1;
            int end = from - 1 + TrailerLength;
            // The trailer of no output at all is all zeros, as the deflate data before it may be. What follows decides.
            if (end == Stream.Length || GzipHeader.IsAt(Stream.Span[end..]))
                return end;
            if (first < 0)
                first = end;
        }
        return first;
    }

    private BootFormatException WrongTrailer(uint crc, uint size)
    {
        int last = Stream.Length - TrailerLength;
        if (last < _dataStart || _input.PieceEnd < last)
            return EndsEarly("CRC32 and size", Stream.Length);
        uint statedSize = BinaryPrimitives.ReadUInt32LittleEndian(Stream.Span[(last + 4)..]);
        uint statedCrc = BinaryPrimitives.ReadUInt32LittleEndian(Stream.Span[last..]);
        return Fault(
            "CRC32 and size",
            last,
            $"0x{crc:x8} and {size}, those of the output, behind the deflate data",
            $"0x{statedCrc:x8} and {statedSize}");
    }
}
