using BootProtocol.Compression;

namespace BootProtocol.Decompress;

/// <summary>
/// Decodes the legacy LZ4 framing, which is what Linux uses: a magic number, then blocks of 8 MiB of output, each behind the size of its
/// compressed bytes. The magic may repeat (concatenated files), and there is no end mark.
/// </summary>
internal sealed class Lz4LegacyDecoder : PayloadDecoder
{
    private const uint Magic = Lz4LegacyHeader.Layout.Constant.Magic;
    private const int WordLength = sizeof(uint);
    private const int BlockLength = 8 << 20;

    /// <summary>Where the next block's size word is.</summary>
    private int _at;

    /// <summary>Bytes that are decoded of the block at <see cref="_at"/>; it is decoded anew when more of it is wanted.</summary>
    private int _begun;

    /// <summary>Whether a block was shorter than the next one's place makes it, so that places cannot be known beforehand.</summary>
    private bool _isIrregular;

    public Lz4LegacyDecoder(PayloadSource source)
        : base(source, CheckedLength(source))
    {
        if (!IsLegacy(Stream.Span))
            throw Fault("magic", 0, $"0x{Magic:x8}", "another word");
        _at = WordLength;
    }

    public static bool IsLegacy(ReadOnlySpan<byte> stream) =>
        FrameMagic.TryParse(stream, out FrameMagic magic, out _) && magic.Number == Magic;

    private protected override void Advance(Memory<byte> room, int count)
    {
        while (!IsComplete && (Position < count || Position == room.Length))
        {
            int start = Position - _begun;
            if (!TryReadBlock(ref _at, out var block))
            {
                End(_at);
                return;
            }
            if (start == room.Length)
                return;

            int wanted = count - start;
            if (_begun == 0 && wanted < BlockLength / 2 && wanted < room.Length - start)
                DecodeStart(block, room.Span.Slice(start, wanted));
            else if (!DecodeBatch(room, start, count))
                return;
        }
    }

    /// <summary>Decodes no more of a block than is wanted.</summary>
    private void DecodeStart(ReadOnlyMemory<byte> block, Span<byte> output)
    {
        int decoded = Lz4Block.DecodeStart(block.Span, output);
        if (decoded < 0)
            throw Malformed();
        if (decoded == output.Length)
            _begun = decoded;
        else
            _at += WordLength + block.Length;
        MoveTo(Position + decoded);
    }

    /// <summary>Decodes blocks, each to where it must be if all before it are full.</summary>
    /// <returns>False if the room is full in the middle of a block.</returns>
    private bool DecodeBatch(Memory<byte> room, int start, int count)
    {
        var blocks = CollectBlocks(start, count);
        var lengths = new int[blocks.Count];
        long done = start;
        BlockRunner.Run(blocks.Count, Options.Workers, i =>
        {
            lengths[i] = Lz4Block.Decode(blocks[i].Span, Place(room, start, i).Span);
            Tell(Interlocked.Add(ref done, Math.Max(0, lengths[i])));
        });

        for (int i = 0; i < blocks.Count; i++)
        {
            if (lengths[i] < 0)
                return FillRoom(blocks[i], Place(room, start, i).Span);
            _at += WordLength + blocks[i].Length;
            _begun = 0;
            MoveTo(start + i * BlockLength + lengths[i]);
            if (lengths[i] < BlockLength && i < blocks.Count - 1)
            {
                _isIrregular = true;
                break;
            }
        }
        return true;
    }

    private static Memory<byte> Place(Memory<byte> room, int start, int block)
    {
        int from = start + block * BlockLength;
        return room.Slice(from, Math.Min(BlockLength, room.Length - from));
    }

    private List<ReadOnlyMemory<byte>> CollectBlocks(int start, int count)
    {
        var blocks = new List<ReadOnlyMemory<byte>>();
        int at = _at;
        long next = start;
        do
        {
            int before = at;
            if (!TryReadBlock(ref at, out var block))
                break;
            // A block before a repeated magic was the last of its file, and may be short.
            if (blocks.Count > 0 && at != before)
                break;
            blocks.Add(block);
            at += WordLength + block.Length;
            next += BlockLength;
        }
        while (next < count && !_isIrregular);
        return blocks;
    }

    /// <summary>A block did not decode: perhaps only for lack of room, which is for the caller to judge.</summary>
    private bool FillRoom(ReadOnlyMemory<byte> block, Span<byte> room)
    {
        if (room.Length == BlockLength || Lz4Block.DecodeStart(block.Span, room) != room.Length)
            throw Malformed();
        int start = Position - _begun;
        _begun = room.Length;
        MoveTo(start + room.Length);
        return false;
    }

    /// <summary>Finds the next block, past repeated magic numbers.</summary>
    /// <param name="at">Where to look; then where the block's size word is, or the stream's end.</param>
    /// <param name="block">The compressed bytes.</param>
    /// <returns>False at the end of the stream.</returns>
    private bool TryReadBlock(ref int at, out ReadOnlyMemory<byte> block)
    {
        block = default;
        while (true)
        {
            int left = Stream.Length - at;
            if (left == 0 || (MayBeFollowed && left < WordLength))
                return false;
            if (Options.End == PayloadEnd.SizeTrailer && Stream.Span[at] == 0 && !Stream.Span[at..].ContainsAnyExcept((byte)0))
                return false;
            if (!Lz4LegacyBlockHeader.TryParse(Stream.Span[at..], out Lz4LegacyBlockHeader header, out _))
                throw EndsEarly("block size", Stream.Length);
            uint size = header.Size;
            if (size == Magic)
            {
                at += WordLength;
                continue;
            }
            if (size == 0 || size > Lz4Block.MaximumCompressedLength(BlockLength))
            {
                if (MayBeFollowed)
                    return false;
                throw Fault("block size", at, $"1 to {Lz4Block.MaximumCompressedLength(BlockLength)} bytes", $"{size}");
            }
            if (size > left - WordLength)
                throw EndsEarly("block", Stream.Length);
            block = Stream.Slice(at + WordLength, (int)size);
            return true;
        }
    }

    private BootFormatException Malformed() => Fault("block", _at, $"an LZ4 block of at most {BlockLength} bytes of output", "another");
}
