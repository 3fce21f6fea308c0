using System.Buffers.Binary;
using BootProtocol.Decompress;
using BootProtocol.Kernels;

namespace BootProtocol.Repack;

/// <summary>Packs a kernel into the room of the payload that it takes the place of.</summary>
/// <remarks>
/// The image's own decoder has the place and the length of its payload built in, and what stands behind it does not move. So the stream starts
/// where the old one did; zeros, which decoders pass over, fill the room up to the size in its last word. LZ4 has a filling of its own.
/// </remarks>
internal static class PayloadPacker
{
    private const int TrailerLength = sizeof(uint);

    /// <summary>Packs it.</summary>
    /// <param name="payload">The payload as it was.</param>
    /// <param name="kernel">The kernel.</param>
    /// <param name="room">Where the new payload goes; as long as the old one.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="BootRequestException">It does not fit, however hard the packers try.</exception>
    /// <exception cref="PackerUnavailableException">What packs this format is not on this machine.</exception>
    public static PayloadPacking Pack(KernelPayload payload, ReadOnlyMemory<byte> kernel, Memory<byte> room, CancellationToken cancellation)
    {
        PackingMethod? best = null;
        long least = long.MaxValue;
        PackerUnavailableException? missing = null;
        foreach (PackingMethod method in PackingMethods.Of(payload.Format, payload.Bytes.Span, kernel.Length))
        {
            var stream = new RoomStream(room[..^TrailerLength]);
            try
            {
                method.Pack(kernel, stream, cancellation);
            }
            catch (PackerUnavailableException exception)
            {
                missing = exception;
                continue;
            }

            long length = LengthOf(payload.Format, stream.Length);
            if (stream.Fits || length == room.Length)
            {
                Fill(payload.Format, room.Span, (int)stream.Length, kernel.Span);
                Check(payload.Format, room, kernel, method);
                return new PayloadPacking(payload.Format, method.Name, (int)length, room.Length);
            }

            if (length < least)
                (best, least) = (method, length);
        }

        throw best is null ? missing! : TooLong(payload.Format, best, least, room.Length);
    }

    /// <summary>A stream with the size behind it; gzip's has that in it.</summary>
    private static long LengthOf(PayloadFormat format, long stream) => format == PayloadFormat.Gzip ? stream : stream + TrailerLength;

    private static void Fill(PayloadFormat format, Span<byte> room, int length, ReadOnlySpan<byte> kernel)
    {
        if (format != PayloadFormat.Lz4 || !Lz4Filling.TryFill(room[..^TrailerLength], length, kernel))
            room[Math.Min(length, room.Length)..].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(room[^TrailerLength..], (uint)kernel.Length);
    }

    /// <summary>Nothing is believed of a packer: what it made is decoded again.</summary>
    private static void Check(PayloadFormat format, ReadOnlyMemory<byte> payload, ReadOnlyMemory<byte> kernel, PackingMethod method)
    {
        try
        {
            using PayloadDecoder decoder = PayloadDecoder.Create(format, payload, new PayloadOptions { End = PayloadEnd.SizeTrailer });
            if (decoder.DecodeWhole().Span.SequenceEqual(kernel.Span))
                return;
        }
        catch (BootFormatException exception)
        {
            throw new PackerUnavailableException($"{method.Name} packs what cannot be decoded: {exception.Message}", exception);
        }

        throw new PackerUnavailableException($"{method.Name} packs other bytes than it is given");
    }

    private static BootRequestException TooLong(PayloadFormat format, PackingMethod method, long length, int room) => new(
        BootErrorCode.NoRoom,
        "payload",
        "",
        null,
        FormattableString.Invariant($"a kernel that takes at most {room} bytes packed with {PayloadFormats.Name(format)}, the room that the image has"),
        FormattableString.Invariant($"{length} bytes at best ({method.Name})"));
}
