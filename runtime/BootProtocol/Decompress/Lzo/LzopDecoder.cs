using BootProtocol.Lzop;

namespace BootProtocol.Decompress;

/// <summary>Decodes the file format of lzop. Its blocks say how long their output is, and are independent.</summary>
internal sealed class LzopDecoder : PayloadDecoder
{
    private const int EndMarkLength = sizeof(uint);
    private const int MaximumBatch = 4096;

    private readonly LzopFlags _flags;
    private int _at;

    // A block that the room cannot hold whole waits here.
    private byte[] _waiting = [];
    private int _waitingStart;

    public LzopDecoder(PayloadSource source)
        : base(source, CheckedLength(source)) => _flags = LzopHeader.Read(Stream.Span, out _at);

    private protected override void Advance(Memory<byte> room, int count)
    {
        while (!IsComplete && (Position < count || Position == room.Length))
        {
            if (_waitingStart < _waiting.Length)
            {
                int length = Math.Min(_waiting.Length - _waitingStart, room.Length - Position);
                if (length == 0)
                    return;
                _waiting.AsSpan(_waitingStart, length).CopyTo(room.Span[Position..]);
                _waitingStart += length;
                MoveTo(Position + length);
                continue;
            }

            var blocks = new List<LzopBlock>();
            int end = CollectBlocks(blocks, Math.Max(count, Position), room.Length);
            if (blocks.Count > 0)
                DecodeBatch(blocks, room, end);
            else if (!LzopBlock.TryRead(Stream.Span, _at, _flags, out var block))
                End(_at + EndMarkLength);
            else if (Position == room.Length)
                return;
            else
                DecodeAside(block);
        }
    }

    /// <summary>Collects the blocks that fit the room, until their output reaches what is wanted.</summary>
    /// <returns>Where their output ends.</returns>
    private int CollectBlocks(List<LzopBlock> blocks, int count, int room)
    {
        int end = Position;
        int at = _at;
        while (end < count && blocks.Count < MaximumBatch
            && LzopBlock.TryRead(Stream.Span, at, _flags, out var block) && block.Length <= room - end)
        {
            blocks.Add(block);
            end += block.Length;
            at = block.End;
        }
        return end;
    }

    private void DecodeBatch(List<LzopBlock> blocks, Memory<byte> room, int end)
    {
        var places = new int[blocks.Count];
        for (int i = 1; i < places.Length; i++)
            places[i] = places[i - 1] + blocks[i - 1].Length;
        int start = Position;
        long done = start;
        BlockRunner.Run(blocks.Count, Options.Workers, i =>
        {
            blocks[i].Decode(Stream.Span, _flags, room.Span.Slice(start + places[i], blocks[i].Length));
            Tell(Interlocked.Add(ref done, blocks[i].Length));
        });
        _at = blocks[^1].End;
        MoveTo(end);
    }

    private void DecodeAside(LzopBlock block)
    {
        CheckAside(block.Start, Position, block.Length);
        var waiting = new byte[block.Length];
        block.Decode(Stream.Span, _flags, waiting);
        (_waiting, _waitingStart) = (waiting, 0);
        _at = block.End;
    }
}
