using System.Globalization;

namespace BootProtocol.Saved;

/// <summary>A stream that is read from front to back, and where in it the reader is.</summary>
internal sealed class StreamCursor(Stream stream)
{
    private const int PieceLength = 1 << 16;

    /// <summary>Bytes read so far.</summary>
    public long Position { get; private set; }

    /// <summary>Reads bytes.</summary>
    /// <param name="room">Where they go.</param>
    /// <param name="structure">What they belong to, for the error.</param>
    /// <param name="field">Its field, or nothing.</param>
    /// <exception cref="BootFormatException">There are not so many.</exception>
    public void Read(Span<byte> room, string structure, string field = "")
    {
        int read = stream.ReadAtLeast(room, room.Length, throwOnEndOfStream: false);
        Position += read;
        if (read < room.Length)
            throw Cut(structure, field, room.Length, read);
    }

    /// <summary>Reads bytes whose number the stream itself says: they take memory as they come.</summary>
    public byte[] Read(long length, string structure, string field = "")
    {
        byte[] bytes = new byte[Math.Min(length, PieceLength)];
        int done = 0;
        while (true)
        {
            Read(bytes.AsSpan(done), structure, field);
            done = bytes.Length;
            if (done == length)
                return bytes;
            Array.Resize(ref bytes, (int)Math.Min(length, done * 2L));
        }
    }

    /// <summary>Passes bytes over.</summary>
    public void Skip(long length, string structure, string field = "")
    {
        Span<byte> room = stackalloc byte[4096];
        for (long rest = length; rest > 0; rest -= room.Length)
            Read(room[..(int)Math.Min(rest, room.Length)], structure, field);
    }

    /// <summary>Reads one byte more, if there is one.</summary>
    public bool IsAtEnd()
    {
        Span<byte> one = stackalloc byte[1];
        return stream.Read(one) == 0;
    }

    private BootFormatException Cut(string structure, string field, long wanted, long found) => new(
        BootErrorCode.Truncated,
        structure,
        field,
        Position - found,
        string.Create(CultureInfo.InvariantCulture, $"{wanted} bytes"),
        string.Create(CultureInfo.InvariantCulture, $"the end of the file after {found}"));
}
