using System.Runtime.ExceptionServices;

namespace BootProtocol.Decompress;

/// <summary>Decodes consecutive blocks of a bzip2 stream on several threads.</summary>
/// <remarks>
/// Where a block begins can only be guessed, by its magic number; where it ends is certain once it is decoded. So every thread decodes from
/// the next guess on, and then waits until the block before is done: if that one ends somewhere else, the guess was wrong and its result
/// is dropped. Then too the place of the output is known, and it is written while the next block has its turn.
/// </remarks>
internal sealed class Bzip2Pipeline(ReadOnlyMemory<byte> stream, Memory<byte> room, int count, int guessCount, Action<long> tell)
{
    private readonly object _gate = new();
    private long _scanned = -1;
    private int _guesses;
    private int _turn;
    private bool _isStopped;
    private long _next;
    private long _written;
    private int _failed = int.MaxValue;
    private ExceptionDispatchInfo? _failure;

    /// <summary>The first bit of the part behind the last block that was decoded.</summary>
    public required long Next { get => Volatile.Read(ref _next); init => _next = value; }

    /// <summary>Bytes of output, from the room's beginning on.</summary>
    public required int Position { get; set; }

    /// <summary>The checksum of the checksums of all blocks so far.</summary>
    public required uint Checksum { get; set; }

    /// <summary>The last block, if there is not room for its output.</summary>
    public Bzip2Block? Leftover { get; private set; }

    /// <summary>Decodes until enough output is there, the room is full, the guesses are used up, or no block follows.</summary>
    /// <param name="blocks">Memory for blocks, one for each thread.</param>
    public void Run(IReadOnlyList<Bzip2Block> blocks)
    {
        _written = Position;
        if (blocks.Count == 1)
        {
            Work(blocks[0]);
        }
        else
        {
            Parallel.For(0, blocks.Count, new ParallelOptions { MaxDegreeOfParallelism = blocks.Count }, i => Work(blocks[i]));
        }
        _failure?.Throw();
    }

    private void Work(Bzip2Block block)
    {
        while (TryGuess(out int guess, out long start))
        {
            var failure = start < Next ? null : TryRun(() => block.Decode(stream.Span, start));
            if (!TryTakeTurn(guess, block, start, failure, out int to))
                continue;
            failure = TryRun(() =>
            {
                block.Write(room.Span.Slice(to, block.Length));
                tell(Interlocked.Add(ref _written, block.Length));
            });
            if (failure is not null)
            {
                lock (_gate)
                    Fail(guess, failure);
            }
        }
    }

    private bool TryGuess(out int guess, out long start)
    {
        lock (_gate)
        {
            guess = _guesses;
            start = -1;
            if (_isStopped || _guesses == guessCount)
                return false;
            start = _scanned < 0 ? _next : Bzip2Bits.FindMagic(stream.Span, Math.Max(_scanned, _next));
            if (start < 0 || !Bzip2Bits.IsBlockAt(stream.Span, start))
                return false;
            _scanned = start + Bzip2Bits.MagicBits;
            _guesses++;
            return true;
        }
    }

    /// <summary>Waits until all guesses before this one are decided, and decides this one.</summary>
    /// <returns>Whether its output is to be written now.</returns>
    private bool TryTakeTurn(int guess, Bzip2Block block, long start, ExceptionDispatchInfo? failure, out int to)
    {
        lock (_gate)
        {
            while (_turn != guess)
                Monitor.Wait(_gate);
            _turn++;
            Monitor.PulseAll(_gate);
            to = Position;
            if (_isStopped || start < _next)
                return false;
            if (start > _next)
            {
                _isStopped = true;
                return false;
            }
            if (failure is not null)
            {
                Fail(guess, failure);
                return false;
            }

            _next = block.End;
            Checksum = (Checksum << 1 | Checksum >> 31) ^ block.Checksum;
            if (block.Length > room.Length - Position)
            {
                Leftover = block;
                _isStopped = true;
                return false;
            }
            Position += block.Length;
            _isStopped = Position >= count;
            return true;
        }
    }

    /// <summary>Of several failures, the first block's counts: the same input gives the same error, whatever the threads do.</summary>
    private void Fail(int guess, ExceptionDispatchInfo failure)
    {
        _isStopped = true;
        if (guess >= _failed)
            return;
        _failed = guess;
        _failure = failure;
    }

    private static ExceptionDispatchInfo? TryRun(Action action)
    {
        try
        {
            action();
            return null;
        }
#pragma warning disable CA1031 // Any exception is carried over to the calling thread.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return ExceptionDispatchInfo.Capture(e);
        }
    }
}
