using System.Buffers.Binary;
using System.Runtime.InteropServices;
using BootProtocol.Decompress;

namespace BootProtocol.Fuzz.Peers;

/// <summary>
/// Holds a decoder against the library that the format's own tools use: both take a stream or both refuse it, and what both have written is
/// the same, also of a stream that is refused. Input and output of both are between guard pages.
/// </summary>
internal static class PeerComparison
{
    private const int MostInput = 16 << 20;
    private const int MostOutput = 256 << 10;

    private static readonly GuardedMemory _input = new(MostInput);
    private static readonly GuardedMemory _output = new(MostOutput);
    private static readonly GuardedMemory _peerOutput = new(MostOutput);
    private static readonly Dictionary<PayloadFormat, Peer?> _peers = [];
    private static readonly PayloadOptions _options = new()
    {
        End = PayloadEnd.Exact,
        Limits = new Limits { MaximumOutput = MostOutput, MaximumDecoderMemory = 64 << 20 },
        Workers = 1,
    };

    /// <summary>Decodes a stream.</summary>
    private delegate PeerAnswer Peer(ReadOnlySpan<byte> stream, Span<byte> room);

    /// <summary>Compares what comes of a stream, if the format's library is there.</summary>
    /// <exception cref="InvalidOperationException">The two differ.</exception>
    public static void Compare(PayloadFormat format, byte[] stream)
    {
        if (stream.Length > MostInput || PeerOf(format) is not { } peer)
            return;
        _input.Resize(stream.Length);
        stream.CopyTo(_input.GetSpan());
        PeerAnswer ours = Decode(format);
        PeerAnswer theirs = DecodeAll(peer, format);
        if (Agree(ours, theirs))
            return;

        if ((ours.Verdict == Verdict.Accepted || theirs.Verdict == Verdict.Accepted) && IsKnown(format, stream))
            return;
        throw new InvalidOperationException($"ours: {ours}; the format's library: {theirs}; {Alike(ours, theirs)} bytes alike");
    }

    /// <summary>
    /// Whether a stream that one of the two takes has what the format forbids and one of them does not look at, or what versions of its library
    /// read differently.
    /// </summary>
    private static bool IsKnown(PayloadFormat format, byte[] stream) => format switch
    {
        PayloadFormat.Lz4 => Lz4Matches.AreForbidden(stream),
        PayloadFormat.Zstd => ZstdSequences.DifferByVersion(stream),
        _ => false,
    };

    /// <summary>Whether both say the same of the stream, unless it is too large for either, and have written the same.</summary>
    private static bool Agree(PeerAnswer ours, PeerAnswer theirs)
    {
        if (Alike(ours, theirs) < Math.Min(ours.Written, theirs.Written))
            return false;
        return ours.Verdict == Verdict.Undecided || theirs.Verdict == Verdict.Undecided
            || (ours.Verdict == theirs.Verdict && (ours.Verdict == Verdict.Refused || ours.Written == theirs.Written));
    }

    private static int Alike(PeerAnswer ours, PeerAnswer theirs) =>
        _output.GetSpan()[..ours.Written].CommonPrefixLength(_peerOutput.GetSpan()[..theirs.Written]);

    private static PeerAnswer Decode(PayloadFormat format)
    {
        PayloadDecoder? decoder = null;
        try
        {
            decoder = PayloadDecoder.Create(format, _input.Memory, _options);
            decoder.Decode(_output.Memory, MostOutput);
            return decoder.IsComplete ? PeerAnswer.Accept(_input.Memory.Length, decoder.Position) : PeerAnswer.Leave(decoder.Position);
        }
        catch (BootException refusal)
        {
            int written = decoder?.Position ?? 0;
            return refusal.Error.Code is BootErrorCode.TooLarge or BootErrorCode.Unsupported
                ? PeerAnswer.Leave(written) : PeerAnswer.Refuse(written, refusal.Message);
        }
        finally
        {
            decoder?.Dispose();
        }
    }

    /// <summary>Decodes a file, which is one stream after another.</summary>
    private static PeerAnswer DecodeAll(Peer peer, PayloadFormat format)
    {
        ReadOnlySpan<byte> file = _input.GetSpan();
        Span<byte> room = _peerOutput.GetSpan();
        int read = 0;
        int written = 0;
        bool isSkipped = format is PayloadFormat.Lz4 or PayloadFormat.Zstd;
        do
        {
            // The tool lz4 takes files of both framings in one; Linux, and the decoder, those of one.
            if (read > 0 && format == PayloadFormat.Lz4 && Lz4Peer.IsLegacy(file[read..]))
                return PeerAnswer.Leave(written);
            // xz(1), --single-stream: of a file of LZMA alone it never decodes more than one stream.
            if (read > 0 && format == PayloadFormat.Lzma)
                return PeerAnswer.Refuse(written, "bytes behind the stream");
            isSkipped &= IsSkipped(file[read..]);
            PeerAnswer answer = peer(file[read..], room[written..]);
            read += answer.Read;
            written += answer.Written;
            if (answer.Verdict != Verdict.Accepted)
                return answer with { Written = written };
        }
        // gzip(1) passes over zeros behind a file, for the sake of tapes; zlib leaves that to its caller.
        while (read < file.Length && !(format == PayloadFormat.Gzip && !file[read..].ContainsAnyExcept((byte)0)));

        // Nothing but frames to skip is an empty file for the libraries; a payload has to have a stream.
        return isSkipped ? PeerAnswer.Refuse(written, "nothing but frames to skip") : PeerAnswer.Accept(read, written);
    }

    /// <summary>Whether a frame of user data begins here, which LZ4 and Zstandard share.</summary>
    private static bool IsSkipped(ReadOnlySpan<byte> file) =>
        file.Length >= sizeof(uint) && (BinaryPrimitives.ReadUInt32LittleEndian(file) & ~0xfU) == 0x184d_2a50;

    /// <summary>The library of a format; null, and a line once, where it is not installed.</summary>
    private static Peer? PeerOf(PayloadFormat format)
    {
        if (_peers.TryGetValue(format, out Peer? known))
            return known;
        (string library, Peer peer) = format switch
        {
            PayloadFormat.Gzip => ("libz.so.1", ZlibPeer.Decode),
            PayloadFormat.Bzip2 => ("libbz2.so.1.0", Bzip2Peer.Decode),
            PayloadFormat.Lzma => ("liblzma.so.5", LiblzmaPeer.DecodeAlone),
            PayloadFormat.Xz => ("liblzma.so.5", LiblzmaPeer.DecodeXz),
            PayloadFormat.Lzo => ("liblzo2.so.2", LzoPeer.Decode),
            PayloadFormat.Lz4 => ("liblz4.so.1", (Peer)Lz4Peer.Decode),
            PayloadFormat.Zstd => ("libzstd.so.1", ZstdPeer.Decode),
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "has no library"),
        };
        bool isThere = NativeLibrary.TryLoad(library, out _);
        if (!isThere)
            Console.WriteLine($"  {format}: not compared, {library} is not installed");
        return _peers[format] = isThere ? peer : null;
    }
}
