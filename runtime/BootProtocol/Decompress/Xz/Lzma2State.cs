using System.Buffers.Binary;

namespace BootProtocol.Decompress;

/// <summary>Decodes LZMA2: LZMA in chunks, each of which says its sizes and what it keeps of what came before.</summary>
/// <remarks>Rules: the description of LZMA2 in the Linux kernel, lib/xz/xz_dec_lzma2.c.</remarks>
internal sealed class Lzma2State
{
    /// <summary>Bytes of what ends a block.</summary>
    public const int EndLength = 1;

    private const byte EndOfBlock = 0;
    private const byte StoredAfterReset = 1;
    private const byte Stored = 2;
    private const byte FirstLzma = 0x80;
    private const int StoredHeaderLength = 3;
    private const int LzmaHeaderLength = 5;
    private const int MostContextBits = 4;

    private readonly LzmaState _lzma = new();
    private int _windowStart;
    private int _chunkLeft;
    private int _chunkEnd;
    private bool _isStored;
    private Needs _needs;

    /// <summary>What the next chunk must renew.</summary>
    private enum Needs
    {
        Nothing,
        State,
        Properties,
        Dictionary,
    }

    /// <summary>What an LZMA chunk renews, by bits 5 and 6 of its first byte; each renews what those before it do.</summary>
    private enum Renewal
    {
        Nothing,
        State,
        Properties,
        Dictionary,
    }

    /// <summary>Begins a block.</summary>
    public void Reset()
    {
        _chunkLeft = 0;
        _needs = Needs.Dictionary;
    }

    /// <summary>Decodes up to a place of the output, or to the block's end.</summary>
    /// <param name="stream">The payload.</param>
    /// <param name="at">Where to go on in it.</param>
    /// <param name="output">The output, unfiltered within the block; memory behind <paramref name="end"/> may be written too.</param>
    /// <param name="to">Where to go on in it.</param>
    /// <param name="end">Where to stop in it.</param>
    /// <returns>Whether the block is at its end: at the byte that ends it.</returns>
    public bool Decode(ReadOnlySpan<byte> stream, ref int at, Span<byte> output, ref int to, int end)
    {
        while (true)
        {
            if (_chunkLeft == 0)
            {
                if (at >= stream.Length)
                    throw EndsEarly(stream);
                if (stream[at] == EndOfBlock)
                    return true;
                if (to >= end)
                    return false;
                OpenChunk(stream, ref at, to);
            }
            if (to >= end)
                return false;

            int before = to;
            int stop = to + Math.Min(end - to, _chunkLeft);
            if (_isStored)
            {
                stream.Slice(at, stop - to).CopyTo(output[to..]);
                at += stop - to;
                to = stop;
            }
            else
            {
                DecodeLzma(stream, ref at, output, ref to, stop);
            }
            _chunkLeft -= to - before;
            if (_chunkLeft == 0 && !_isStored)
                CloseChunk(stream, ref at);
        }
    }

    private void DecodeLzma(ReadOnlySpan<byte> stream, ref int at, Span<byte> output, ref int to, int end)
    {
        int place = to - _windowStart;
        var stop = _lzma.Decode(stream, ref at, output[_windowStart..], ref place, end - _windowStart, looksAhead: false);
        to = _windowStart + place;
        switch (stop)
        {
            case LzmaStop.Distance:
                throw Fault(at, $"a distance within the {place} bytes before it", "a larger one");
            case LzmaStop.EndMarker:
                throw Fault(at, "no end marker in LZMA2", "one");
            case LzmaStop.Input:
                throw EndsEarly(stream);
        }
    }

    private void CloseChunk(ReadOnlySpan<byte> stream, ref int at)
    {
        if (_lzma.Normalize(stream, ref at) == LzmaStop.Input)
            throw EndsEarly(stream);
        if (at != _chunkEnd)
            throw Fault(at, $"the chunk's end at 0x{_chunkEnd:x}", "an end of the data here");
        if (!_lzma.IsFinished)
            throw Fault(at, "the chunk's end", "more data");
    }

    private void OpenChunk(ReadOnlySpan<byte> stream, ref int at, int to)
    {
        byte control = stream[at];
        _isStored = control < FirstLzma;
        if (_isStored)
            OpenStored(stream, ref at, to, control);
        else
            OpenLzma(stream, ref at, to, control);
    }

    private void OpenStored(ReadOnlySpan<byte> stream, ref int at, int to, byte control)
    {
        if (control is not (StoredAfterReset or Stored))
            throw Fault(at, "a chunk of kind 0 to 2, or 0x80 or more", $"0x{control:x2}");
        if (stream.Length - at < StoredHeaderLength)
            throw EndsEarly(stream);
        if (control == StoredAfterReset)
        {
            _windowStart = to;
            _needs = Needs.Properties;
        }
        else if (_needs == Needs.Dictionary)
        {
            throw Fault(at, "a chunk that begins a dictionary", $"0x{control:x2}");
        }
        _chunkLeft = BinaryPrimitives.ReadUInt16BigEndian(stream[(at + 1)..]) + 1;
        at += StoredHeaderLength;
        if (stream.Length - at < _chunkLeft)
            throw EndsEarly(stream);
    }

    private void OpenLzma(ReadOnlySpan<byte> stream, ref int at, int to, byte control)
    {
        var renewal = (Renewal)(control >> 5 & 3);
        bool hasProperties = renewal >= Renewal.Properties;
        int headerLength = LzmaHeaderLength + (hasProperties ? 1 : 0);
        if (stream.Length - at < headerLength + LzmaState.StartLength)
            throw EndsEarly(stream);
        if ((int)renewal < (int)_needs)
            throw Fault(at, $"a chunk that renews its {_needs}", $"0x{control:x2}");

        var header = stream.Slice(at, headerLength);
        _chunkLeft = ((control & 0x1f) << 16 | BinaryPrimitives.ReadUInt16BigEndian(header[1..])) + 1;
        int compressed = BinaryPrimitives.ReadUInt16BigEndian(header[3..]) + 1;
        if (renewal == Renewal.Dictionary)
            _windowStart = to;
        if (hasProperties)
        {
            if (!LzmaProperties.TryUnpack(header[LzmaHeaderLength], out var properties)
                || properties.LiteralContextBits + properties.LiteralPositionBits > MostContextBits)
            {
                string found = $"{header[LzmaHeaderLength]}";
                throw Fault(at + LzmaHeaderLength, $"LZMA properties with lc + lp of at most {MostContextBits}", found);
            }
            _lzma.Reset(properties);
        }
        else if (renewal == Renewal.State)
        {
            _lzma.Reset();
        }
        _needs = Needs.Nothing;

        at += headerLength;
        if (!_lzma.TryStart(stream[at..]))
            throw Fault(at, "a first byte of 0", $"{stream[at]}");
        _chunkEnd = at + compressed;
        at += LzmaState.StartLength;
    }

    private static BootFormatException EndsEarly(ReadOnlySpan<byte> stream) =>
        PayloadFault.EndsEarly(PayloadFormat.Xz, "LZMA2 data", stream.Length);

    private static BootFormatException Fault(int offset, string expected, string found) =>
        PayloadFault.Make(PayloadFormat.Xz, "LZMA2 data", offset, expected, found);
}
