namespace BootProtocol.Decompress;

/// <summary>Copies a payload that is not compressed. Whoever can use it where it is need not decode it.</summary>
internal sealed class StoredDecoder : PayloadDecoder
{
    public StoredDecoder(PayloadSource source)
        : base(source, CheckedLength(source, (ulong)source.Stream.Length, "size"))
    {
    }

    private protected override void Advance(Memory<byte> room, int count)
    {
        while (Position < count)
        {
            int step = Math.Min(StepLength, count - Position);
            Stream.Span.Slice(Position, step).CopyTo(room.Span[Position..]);
            MoveTo(Position + step);
        }
        if (Position == Stream.Length)
            End(Position);
    }
}
