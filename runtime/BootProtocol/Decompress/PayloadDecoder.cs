using System.Diagnostics;
using System.Runtime.ExceptionServices;
using BootProtocol.Allocation;
using BootProtocol.Compression;

namespace BootProtocol.Decompress;

/// <summary>
/// Decodes one payload, in order, into memory that the caller gives: as far as it is asked to, and on from there when asked again.
/// </summary>
/// <remarks>
/// The output's own beginning serves as the dictionary, so the kernel exists once. Asking for all of it in one call is the fastest way:
/// formats with independent blocks then use all cores. A decoder is for one thread at a time, but any thread may dispose it, also in the midst
/// of a call: that one and every other member throws <see cref="ObjectDisposedException"/> then.
/// </remarks>
/// <example><code>
/// KernelPayload payload = image.FindPayload()!;
/// using PayloadDecoder decoder = PayloadDecoder.Create(payload.Format, payload.Bytes);
/// Memory&lt;byte&gt; whole = decoder.DecodeWhole();
/// Console.WriteLine($"{decoder.Format}: {whole.Length} bytes");
/// </code></example>
public abstract class PayloadDecoder : IDisposable
{
    /// <summary>Bytes of output between two looks at cancellation and two reports of progress.</summary>
    private protected const int StepLength = 1 << 20;

    /// <summary>
    /// How near to its end, in bytes, memory may be filled that is too short for the whole output: some formats cannot end a part anywhere.
    /// </summary>
    public const int Slack = 128 << 10;

    private readonly PayloadSource _source;
    private readonly int? _length;
    private int _position;
    private bool _isComplete;
    private ExceptionDispatchInfo? _failure;
    private int _isDisposed;

    // Whoever keeps what the decoder holds: its owner, and a call that decodes. The last one to leave gives it up.
    private int _users = 1;

    private protected PayloadDecoder(PayloadSource source, int? length)
    {
        _source = source;
        _length = length;
    }

    /// <summary>The payload's format.</summary>
    public PayloadFormat Format => Live._source.Format;

    /// <summary>
    /// The output's size in bytes as the payload states it, within <see cref="Limits.MaximumOutput"/>; null if it states none. The stream
    /// decodes to exactly that size or not at all.
    /// </summary>
    public int? Length => Live._length;

    /// <summary>
    /// Bytes of output decoded so far, each of them written by this decoder, whatever the payload holds; also after an error, with what
    /// was decoded before it.
    /// </summary>
    public int Position => Live._position;

    /// <summary>Whether the whole output is decoded, and all that the stream says of itself (sizes, checksums) was found true.</summary>
    public bool IsComplete => Live._isComplete;

    /// <summary>Bytes of the payload that its stream takes; set once all of it is decoded.</summary>
    internal int Consumed { get; private set; }

    private protected ReadOnlyMemory<byte> Stream => _source.Stream;

    private protected PayloadOptions Options => _source.Options;

    private protected bool MayBeFollowed => Options.End == PayloadEnd.Open;

    /// <summary>Makes the decoder for a payload whose first bytes show its format.</summary>
    /// <param name="payload">The payload; it must not change until the decoder is disposed.</param>
    /// <param name="options">How to decode; null for <see cref="PayloadOptions.Default"/>.</param>
    /// <exception cref="BootFormatException">
    /// The format is not known, a header is malformed, or the stated size is beyond the limits.
    /// </exception>
    public static PayloadDecoder Create(ReadOnlyMemory<byte> payload, PayloadOptions? options = null)
    {
        if (PayloadFormats.TryDetect(payload.Span, out var format))
            return Create(format, payload, options);
        string start = Convert.ToHexStringLower(payload.Span[..Math.Min(payload.Length, PayloadFormats.MagicLength)]);
        throw new BootFormatException(
            BootErrorCode.WrongMagic, "payload", "magic", 0, "that of gzip, bzip2, lzma, xz, lzo, lz4, zstd or ELF", start.Length == 0 ? "no bytes" : start);
    }

    /// <summary>Makes the decoder for a payload of a known format.</summary>
    /// <param name="format">The format.</param>
    /// <param name="payload">The payload; it must not change until the decoder is disposed.</param>
    /// <param name="options">How to decode; null for <see cref="PayloadOptions.Default"/>.</param>
    /// <exception cref="BootFormatException">A header is malformed, or the stated size is beyond the limits.</exception>
    public static PayloadDecoder Create(PayloadFormat format, ReadOnlyMemory<byte> payload, PayloadOptions? options = null)
    {
        var source = PayloadSource.Cut(format, payload, options ?? PayloadOptions.Default);
        return format switch
        {
            PayloadFormat.None => new StoredDecoder(source),
            PayloadFormat.Gzip => new GzipDecoder(source),
            PayloadFormat.Bzip2 => new Bzip2Decoder(source),
            PayloadFormat.Lzma => new LzmaDecoder(source),
            PayloadFormat.Xz => new XzDecoder(source),
            PayloadFormat.Lzo => new LzopDecoder(source),
            PayloadFormat.Lz4 when Lz4LegacyDecoder.IsLegacy(source.Stream.Span) => new Lz4LegacyDecoder(source),
            PayloadFormat.Lz4 => new Lz4FrameDecoder(source),
            PayloadFormat.Zstd => new ZstdDecoder(source),
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "is no payload format"),
        };
    }

    /// <summary>Decodes until at least <paramref name="count"/> bytes of output are there, or all there are.</summary>
    /// <param name="output">
    /// Memory for the output from its first byte on. Its first <see cref="Position"/> bytes must be those that earlier calls decoded: the
    /// same memory, or a copy, perhaps in a larger one. It must not be used elsewhere during the call, and what is behind the new
    /// <see cref="Position"/> is undefined afterwards.
    /// </param>
    /// <param name="count">Bytes of output wanted: 0 to <paramref name="output"/>'s length.</param>
    /// <returns>
    /// The new <see cref="Position"/>: <paramref name="count"/> or more; or less if the output has no more bytes, or if
    /// <paramref name="output"/> is too short for the whole of it and ends no more than <see cref="Slack"/> behind
    /// <paramref name="count"/>.
    /// </returns>
    /// <exception cref="BootFormatException">
    /// The payload is malformed, or its output has another size than it states or one beyond the limits. Every later call throws it again.
    /// </exception>
    /// <exception cref="OperationCanceledException">The caller asked for it. A later call goes on.</exception>
    public int Decode(Memory<byte> output, int count)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, output.Length);
        ArgumentOutOfRangeException.ThrowIfLessThan(output.Length, Position);
        _failure?.Throw();

        var room = output[..Math.Min(output.Length, MostRoom)];
        count = Math.Min(count, room.Length);
        if (IsComplete || (count <= Position && count < room.Length))
            return Position;

        Options.Cancellation.ThrowIfCancellationRequested();
        Enter();
        try
        {
            Advance(room, count);
            // If the room is as large as the output may be, what does not fit into it is too much, even if less was asked for.
            CheckSize(isRoomForAll: room.Length == MostRoom && (count == MostRoom || Position < count));
        }
        catch (BootFormatException e)
        {
            _failure = ExceptionDispatchInfo.Capture(e);
            throw;
        }
        finally
        {
            Leave();
        }
        if (!IsComplete && Position < count && Position < room.Length - Slack)
            throw new UnreachableException("A decoder stopped early.");
        return Position;
    }

    /// <summary>Decodes the whole output into new memory, which grows as it is filled if the payload is too short for all of it.</summary>
    /// <returns>The output. If the payload does not state its size, the memory behind it is larger, but not used.</returns>
    /// <exception cref="BootFormatException">As for <see cref="Decode"/>.</exception>
    /// <exception cref="OperationCanceledException">The caller asked for it.</exception>
    /// <exception cref="InvalidOperationException">A part was decoded before, elsewhere.</exception>
    public Memory<byte> DecodeWhole() => DecodeOwned().Memory[..Position];

    /// <summary>Decodes the whole output into new memory: <see cref="Position"/> bytes of it.</summary>
    /// <inheritdoc cref="DecodeWhole"/>
    internal OwnedMemory DecodeOwned()
    {
        if (Position > 0)
            throw new InvalidOperationException("A part of the payload was decoded before, into other memory.");
        int room = LikelyLength;
        OwnedMemory output = OwnedMemory.Allocate(room);
        Decode(output.Memory, room);
        while (!IsComplete)
        {
            room = RoomAfter(room);
            OwnedMemory larger = OwnedMemory.Allocate(room);
            output.Memory[..Position].CopyTo(larger.Memory);
            output.Close();
            output = larger;
            Decode(output.Memory, room);
        }

        return output;
    }

    /// <summary>
    /// Bytes to take for the output at first: all of it where that is no more than kernels shrink by. What states or holds more gets more
    /// as it is decoded, so that a few bytes cannot ask for a gigabyte.
    /// </summary>
    internal int LikelyLength
    {
        get
        {
            // Kernels shrink to a fifth, seldom to a tenth; in LZ4 and LZO to a third.
            int factor = Length is not null ? 32 : Format is PayloadFormat.Lz4 or PayloadFormat.Lzo ? 4 : 8;
            long likely = Math.Max(StepLength, (long)factor * Stream.Length);
            return likely > MostRoom / 4 ? MostRoom : (int)likely;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            Leave();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// Brings <see cref="Position"/> to at least <paramref name="count"/> by calls of <see cref="MoveTo"/>, or into the room's last
    /// <see cref="Slack"/> bytes if the room is too short for the whole output. If the room is wanted whole, goes on to the stream's end
    /// and calls <see cref="End"/>, provided that the end comes before any further output.
    /// </summary>
    /// <param name="room">All memory that may be written.</param>
    /// <param name="count">Bytes wanted: <see cref="Position"/> to the length of <paramref name="room"/>.</param>
    private protected abstract void Advance(Memory<byte> room, int count);

    /// <summary>Gives up what the decoder holds; no call decodes any more.</summary>
    private protected virtual void Release()
    {
    }

    /// <summary>Output is decoded up to here: reports it.</summary>
    /// <exception cref="OperationCanceledException">The caller asked for it.</exception>
    private protected void MoveTo(int position)
    {
        _position = position;
        Tell(position);
    }

    /// <summary>Output is decoded up to here: no report.</summary>
    private protected void Place(int position) => _position = position;

    /// <summary>Reports progress, from any thread, without moving the position.</summary>
    /// <exception cref="OperationCanceledException">The caller asked for it.</exception>
    private protected void Tell(long decoded)
    {
        Options.Progress?.Report(decoded);
        Options.Cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>The stream is at its end, and whole.</summary>
    /// <param name="consumed">Bytes that the stream took.</param>
    /// <exception cref="BootFormatException">The payload does not end there, but should, or the output has not the size stated.</exception>
    private protected void End(int consumed)
    {
        if (Length is { } length && Position != length)
            throw Fault("size", null, $"{length} bytes of output, as the payload states", $"{Position}", code: BootErrorCode.WrongSize);
        if (!MayBeFollowed && consumed != Stream.Length && !IsFilled(consumed))
            throw Fault("end", consumed, "nothing after the end of the stream", $"{Stream.Length - consumed} bytes");
        Consumed = consumed;
        _isComplete = true;
    }

    /// <summary>
    /// Whether zeros alone stand between the stream and the size behind it. Linux's own decoders, which have the payload's length built in, end
    /// where their stream does; who packs a kernel anew has the room of the old one to fill.
    /// </summary>
    private bool IsFilled(int consumed)
    {
        if (Options.End != PayloadEnd.SizeTrailer)
            return false;
        int end = Stream.Length - (Format == PayloadFormat.Gzip ? PayloadTrailer.Layout.Size : 0);
        return consumed <= end && !Stream.Span[consumed..end].ContainsAnyExcept((byte)0);
    }

    private protected BootFormatException Fault(
        string field, long? offset, string expected, string found, Exception? inner = null, BootErrorCode? code = null) =>
        PayloadFault.Make(Format, field, offset, expected, found, inner, code);

    private protected BootFormatException EndsEarly(string field, long offset, Exception? inner = null) =>
        PayloadFault.EndsEarly(Format, field, offset, inner);

    /// <summary>The trailer's size as a length, or else the size that the stream's own headers state.</summary>
    /// <param name="source">The payload.</param>
    /// <param name="stated">The size by the stream's headers; null if they state none.</param>
    /// <param name="field">The field that states it.</param>
    /// <param name="offset">Where that field is.</param>
    /// <exception cref="BootFormatException">The size is beyond the limits, or the two are not the same.</exception>
    private protected static int? CheckedLength(PayloadSource source, ulong? stated = null, string field = "", long? offset = null)
    {
        int limit = source.Options.Limits.MaximumOutput;
        if (stated > (ulong)limit)
            throw PayloadFault.TooLarge(source.Format, field, offset, limit, stated.Value);
        // gzip's last word is a part of the stream.
        long trailerAt = source.Format == PayloadFormat.Gzip ? source.Stream.Length - sizeof(uint) : source.Stream.Length;
        if (source.Trailer > (uint)limit)
            throw PayloadFault.TooLarge(source.Format, "size trailer", trailerAt, limit, source.Trailer.Value);
        if (source.Trailer is { } trailer && stated is { } size && trailer != size)
            throw PayloadFault.Make(source.Format, "size trailer", trailerAt, $"{size}, as the stream states", $"{trailer}", code: BootErrorCode.WrongSize);
        return (int?)(source.Trailer ?? stated);
    }

    /// <summary>Checks a block that is to be decoded into the decoder's own memory, because the room cannot hold it.</summary>
    /// <param name="offset">Where the block is in the payload.</param>
    /// <param name="position">Where its output is to go.</param>
    /// <param name="length">Bytes of its output.</param>
    /// <exception cref="BootFormatException">It is more output than there may be, or more memory.</exception>
    private protected void CheckAside(long offset, int position, int length)
    {
        int left = (Length ?? Options.Limits.MaximumOutput) - position;
        if (length > left)
            throw OutputTooLong();
        int limit = Options.Limits.MaximumDecoderMemory;
        if (length > limit)
            throw PayloadFault.TooMuchMemory(Format, "block", offset, limit, length);
    }

    /// <summary>
    /// Bytes to take when memory of so many is full: twice as many, or all that there may be where that is not much more. So what is full
    /// and its copy together never take more than all.
    /// </summary>
    internal int RoomAfter(int room) => room > MostRoom / 4 ? MostRoom : 2 * room;

    /// <summary>Keeps what the decoder holds until <see cref="Leave"/>.</summary>
    private void Enter()
    {
        int users;
        do
        {
            users = Volatile.Read(ref _users);
            ObjectDisposedException.ThrowIf(users == 0, this);
        }
        while (Interlocked.CompareExchange(ref _users, users + 1, users) != users);
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            Release();
    }

    private PayloadDecoder Live
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
            return this;
        }
    }

    /// <summary>Memory that is sure to show whether the output has the size that it may have.</summary>
    private int MostRoom => Length ?? (int)Math.Min(Array.MaxLength, (long)Options.Limits.MaximumOutput + Slack);

    private void CheckSize(bool isRoomForAll)
    {
        if (Position > Options.Limits.MaximumOutput || (isRoomForAll && !IsComplete))
            throw OutputTooLong();
    }

    private BootFormatException OutputTooLong() => Length is { } length
        ? Fault("size", null, $"{length} bytes of output, as the payload states", "more", code: BootErrorCode.WrongSize)
        : Fault("size", null, $"at most {Options.Limits.MaximumOutput} bytes of output", "more", code: BootErrorCode.TooLarge);
}
