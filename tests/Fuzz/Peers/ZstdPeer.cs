using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace BootProtocol.Fuzz.Peers;

/// <summary>libzstd: one frame, or one that is skipped.</summary>
internal static unsafe partial class ZstdPeer
{
    private const string Library = "libzstd.so.1";
    private const uint Magic = 0xfd2f_b528;
    private const uint FirstOldMagic = 0xfd2f_b522;
    private const int WindowLogMax = 100; // ZSTD_d_windowLogMax

    /// <summary>Decodes a stream.</summary>
    public static PeerAnswer Decode(ReadOnlySpan<byte> stream, Span<byte> room)
    {
        // Debian's library reads forms, too, that were given up before 1.0 of the format.
        if (stream.Length >= sizeof(uint) && BinaryPrimitives.ReadUInt32LittleEndian(stream) is >= FirstOldMagic and < Magic)
            return PeerAnswer.Leave(0);
        void* state = Create();
        SetParameter(state, WindowLogMax, 31);
        fixed (byte* input = stream, output = room)
        {
            var from = new Place { Start = input, Size = (nuint)stream.Length };
            var to = new Place { Start = output, Size = (nuint)room.Length };
            nuint result;
            nuint before;
            do
            {
                before = from.Position + to.Position;
                result = Decompress(state, &to, &from);
            }
            while (IsError(result) == 0 && result != 0 && from.Position + to.Position != before);
            Free(state);
            if (IsError(result) != 0)
            {
                string reason = Marshal.PtrToStringUTF8(ErrorName(result))!;
                return reason.Contains("memory", StringComparison.Ordinal)
                    ? PeerAnswer.Leave((long)to.Position) : PeerAnswer.Refuse((long)to.Position, reason);
            }

            // Decoding in steps passes over packed blocks of no bytes, which decoding at once refuses, as the format does.
            if (result == 0 && IsError(DecompressWhole(output, to.Position, input, from.Position)) != 0)
                return PeerAnswer.Leave((long)to.Position);
            return result == 0 ? PeerAnswer.Accept((long)from.Position, (long)to.Position)
                : to.Position == to.Size ? PeerAnswer.Leave((long)to.Position) : PeerAnswer.Refuse((long)to.Position, "ends early");
        }
    }

    [LibraryImport(Library, EntryPoint = "ZSTD_createDStream")]
    private static partial void* Create();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeDStream")]
    private static partial nuint Free(void* state);

    [LibraryImport(Library, EntryPoint = "ZSTD_DCtx_setParameter")]
    private static partial nuint SetParameter(void* state, int parameter, int value);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressStream")]
    private static partial nuint Decompress(void* state, Place* output, Place* input);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompress")]
    private static partial nuint DecompressWhole(byte* output, nuint room, byte* input, nuint length);

    [LibraryImport(Library, EntryPoint = "ZSTD_isError")]
    private static partial uint IsError(nuint code);

    [LibraryImport(Library, EntryPoint = "ZSTD_getErrorName")]
    private static partial nint ErrorName(nuint code);

    /// <summary>ZSTD_inBuffer and ZSTD_outBuffer of zstd.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Place
    {
        public byte* Start;
        public nuint Size;
        public nuint Position;
    }
}
