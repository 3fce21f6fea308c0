using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace BootProtocol.Fuzz.Peers;

/// <summary>liblzo2, with a reader of lzop's files for it: the header, then blocks with their lengths and checksums.</summary>
internal static unsafe partial class LzoPeer
{
    private const string Library = "liblzo2.so.2";
    private const int MaximumBlock = 64 << 20; // lzop's own

    private const byte EndMark = 0x11;

    // The flags of a file.
    private const uint AdlerOfOutput = 0x1;
    private const uint AdlerOfInput = 0x2;
    private const uint ExtraField = 0x40;
    private const uint CrcOfOutput = 0x100;
    private const uint CrcOfInput = 0x200;
    private const uint Filter = 0x800;
    private const uint CrcOfHeader = 0x1000;

    private static ReadOnlySpan<byte> Magic => [0x89, 0x4c, 0x5a, 0x4f, 0x00, 0x0d, 0x0a, 0x1a, 0x0a];

    /// <summary>Decodes a file.</summary>
    public static PeerAnswer Decode(ReadOnlySpan<byte> stream, Span<byte> room)
    {
        int written = 0;
        try
        {
            var reader = new Reader(stream);
            uint flags = ReadHeader(ref reader, out string? fault);
            if (fault is not null)
                return PeerAnswer.Refuse(0, fault);
            while (true)
            {
                uint length = reader.Number();
                if (length == 0)
                    return PeerAnswer.Accept(reader.Position, written);
                uint packed = reader.Number();
                if (length > MaximumBlock || packed > length || packed == 0)
                    return PeerAnswer.Refuse(written, "a block's length");
                uint? adler = (flags & AdlerOfOutput) != 0 ? reader.Number() : null;
                uint? crc = (flags & CrcOfOutput) != 0 ? reader.Number() : null;
                uint? packedAdler = packed < length && (flags & AdlerOfInput) != 0 ? reader.Number() : null;
                uint? packedCrc = packed < length && (flags & CrcOfInput) != 0 ? reader.Number() : null;
                ReadOnlySpan<byte> block = reader.Take((int)packed);
                if (packedAdler is { } first && first != Adler32.HashToUInt32(block))
                    return PeerAnswer.Refuse(written, "Adler-32 of a packed block");
                if (packedCrc is { } second && second != Crc32.HashToUInt32(block))
                    return PeerAnswer.Refuse(written, "CRC-32 of a packed block");
                if (length > room.Length - written)
                    return PeerAnswer.Leave(written);
                Span<byte> output = room.Slice(written, (int)length);
                if (packed == length)
                    block.CopyTo(output);
                else if (Decompress(block, output) is { } reason)
                    return PeerAnswer.Refuse(written, reason);
                if (adler is { } third && third != Adler32.HashToUInt32(output))
                    return PeerAnswer.Refuse(written, "Adler-32 of a block");
                if (crc is { } fourth && fourth != Crc32.HashToUInt32(output))
                    return PeerAnswer.Refuse(written, "CRC-32 of a block");
                written += (int)length;
            }
        }
        catch (EndOfStreamException)
        {
            return PeerAnswer.Refuse(written, "ends early");
        }
    }

    private static uint ReadHeader(ref Reader reader, out string? fault)
    {
        fault = "header";
        if (!reader.Take(Magic.Length).SequenceEqual(Magic))
            return 0;
        int start = reader.Position;
        ushort version = reader.Short();
        reader.Take(sizeof(ushort));
        reader.Take(version >= 0x940 ? sizeof(ushort) : 0); // the version that is needed
        byte method = reader.Take(1)[0];
        reader.Take(version >= 0x940 ? 1 : 0); // the level
        uint flags = reader.Number();
        uint filter = (flags & Filter) != 0 ? reader.Number() : 0;
        reader.Take(version >= 0x940 ? 12 : 8); // mode and times
        reader.Take(reader.Take(1)[0]); // the name
        ReadOnlySpan<byte> header = reader.From(start);
        uint checksum = reader.Number();
        if (checksum != ((flags & CrcOfHeader) != 0 ? Crc32.HashToUInt32(header) : Adler32.HashToUInt32(header)))
            return 0;
        if ((flags & ExtraField) != 0)
        {
            start = reader.Position;
            reader.Take((int)Math.Min(reader.Number(), int.MaxValue));
            header = reader.From(start);
            if (reader.Number() != ((flags & CrcOfHeader) != 0 ? Crc32.HashToUInt32(header) : Adler32.HashToUInt32(header)))
                return 0;
        }

        if (method is < 1 or > 3 || version < 0x900 || filter != 0)
            return 0;
        fault = null;
        return flags;
    }

    private static string? Decompress(ReadOnlySpan<byte> block, Span<byte> output)
    {
        fixed (byte* input = block, to = output)
        {
            nuint length = (nuint)output.Length;
            int result = DecompressBlock(input, (nuint)block.Length, to, &length, null);
            // The mark is a match of length 3 and of the distance that has no bits. liblzo2 does not look at the length; the decoder of Linux
            // refuses any other. The two lowest bits of the distance's bytes say how many literals follow.
            if (result == 0 && block is not [.., EndMark, < 4, 0])
                return "an end mark of another length";
            return result != 0 ? $"{result}" : length != (nuint)output.Length ? "a block's output has another length" : null;
        }
    }

    [LibraryImport(Library, EntryPoint = "lzo1x_decompress_safe")]
    private static partial int DecompressBlock(byte* input, nuint length, byte* output, nuint* room, void* workMemory);

    private ref struct Reader(ReadOnlySpan<byte> stream)
    {
        private readonly ReadOnlySpan<byte> _stream = stream;

        public int Position { get; private set; }

        public ReadOnlySpan<byte> Take(int count)
        {
            if (count > _stream.Length - Position)
                throw new EndOfStreamException();
            ReadOnlySpan<byte> taken = _stream.Slice(Position, count);
            Position += count;
            return taken;
        }

        public readonly ReadOnlySpan<byte> From(int start) => _stream[start..Position];

        public uint Number() => BinaryPrimitives.ReadUInt32BigEndian(Take(sizeof(uint)));

        public ushort Short() => BinaryPrimitives.ReadUInt16BigEndian(Take(sizeof(ushort)));
    }
}
