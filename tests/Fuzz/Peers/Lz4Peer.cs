using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace BootProtocol.Fuzz.Peers;

/// <summary>liblz4: one frame, or one that is skipped; or the blocks of a file in the old form, each of up to 8 MiB.</summary>
internal static unsafe partial class Lz4Peer
{
    private const string Library = "liblz4.so.1";
    private const uint Version = 100; // LZ4F_VERSION
    private const uint LegacyMagic = 0x184c_2102;
    private const int LegacyBlock = 8 << 20;

    /// <summary>Decodes a stream.</summary>
    public static PeerAnswer Decode(ReadOnlySpan<byte> stream, Span<byte> room) =>
        IsLegacy(stream) ? DecodeLegacy(stream, room) : DecodeFrame(stream, room);

    /// <summary>Whether a file in the old form begins here.</summary>
    public static bool IsLegacy(ReadOnlySpan<byte> stream) =>
        stream.Length >= sizeof(uint) && BinaryPrimitives.ReadUInt32LittleEndian(stream) == LegacyMagic;

    private static PeerAnswer DecodeFrame(ReadOnlySpan<byte> stream, Span<byte> room)
    {
        void* state;
        if (IsError(Create(&state, Version)) != 0)
            throw new InvalidOperationException("liblz4 does not begin");
        fixed (byte* input = stream, output = room)
        {
            int read = 0;
            int written = 0;
            nuint result;
            nuint taken;
            nuint given;
            do
            {
                (taken, given) = ((nuint)(stream.Length - read), (nuint)(room.Length - written));
                result = Decompress(state, output + written, &given, input + read, &taken, null);
                read += (int)taken;
                written += (int)given;
            }
            while (IsError(result) == 0 && result != 0 && taken + given > 0);
            Free(state);
            if (IsError(result) != 0)
                return PeerAnswer.Refuse(written, Marshal.PtrToStringUTF8(ErrorName(result))!);
            return result == 0 ? PeerAnswer.Accept(read, written)
                : written == room.Length ? PeerAnswer.Leave(written) : PeerAnswer.Refuse(written, "ends early");
        }
    }

    /// <summary>The old form ends with the file. The magic number may stand again before a block.</summary>
    private static PeerAnswer DecodeLegacy(ReadOnlySpan<byte> stream, Span<byte> room)
    {
        int written = 0;
        fixed (byte* input = stream, output = room)
        {
            for (int at = sizeof(uint); ;)
            {
                if (at == stream.Length)
                    return PeerAnswer.Accept(at, written);
                if (stream.Length - at < sizeof(uint))
                    return PeerAnswer.Refuse(written, "ends in a length");
                uint length = BinaryPrimitives.ReadUInt32LittleEndian(stream[at..]);
                at += sizeof(uint);
                if (length == LegacyMagic)
                    continue;
                if (length > (uint)(stream.Length - at))
                    return PeerAnswer.Refuse(written, "ends in a block");
                int result = DecompressBlock(input + at, output + written, (int)length, Math.Min(LegacyBlock, room.Length - written));
                if (result < 0)
                    return room.Length - written < LegacyBlock ? PeerAnswer.Leave(written) : PeerAnswer.Refuse(written, $"{result}");
                written += result;
                at += (int)length;
            }
        }
    }

    [LibraryImport(Library, EntryPoint = "LZ4F_createDecompressionContext")]
    private static partial nuint Create(void** state, uint version);

    [LibraryImport(Library, EntryPoint = "LZ4F_freeDecompressionContext")]
    private static partial nuint Free(void* state);

    [LibraryImport(Library, EntryPoint = "LZ4F_decompress")]
    private static partial nuint Decompress(void* state, byte* output, nuint* given, byte* input, nuint* taken, void* options);

    [LibraryImport(Library, EntryPoint = "LZ4F_isError")]
    private static partial uint IsError(nuint code);

    [LibraryImport(Library, EntryPoint = "LZ4F_getErrorName")]
    private static partial nint ErrorName(nuint code);

    [LibraryImport(Library, EntryPoint = "LZ4_decompress_safe")]
    private static partial int DecompressBlock(byte* input, byte* output, int length, int room);
}
