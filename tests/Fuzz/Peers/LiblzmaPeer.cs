using System.Runtime.InteropServices;

namespace BootProtocol.Fuzz.Peers;

/// <summary>liblzma: a file of LZMA alone, or a whole xz file with all its streams.</summary>
internal static unsafe partial class LiblzmaPeer
{
    private const string Library = "liblzma.so.5";
    private const ulong MemoryLimit = 64 << 20;
    private const uint Concatenated = 0x8; // LZMA_CONCATENATED
    private const int Ok = 0;
    private const int StreamEnd = 1;
    private const int MemoryError = 5;
    private const int MemoryLimitError = 6;
    private const int BufferError = 10;
    private const int Finish = 3;

    /// <summary>Decodes a file of LZMA alone.</summary>
    public static PeerAnswer DecodeAlone(ReadOnlySpan<byte> stream, Span<byte> room)
    {
        // liblzma leaves out what LZMA2 has not: more than four bits of a literal's context in all.
        if (stream.Length > 0 && stream[0] < 9 * 5 * 5 && (stream[0] % 9) + (stream[0] / 9 % 5) > 4)
            return PeerAnswer.Leave(0);
        LzmaStream state = default;
        return Decode(ref state, BeginAlone((LzmaStream*)&state, MemoryLimit), stream, room, room.Length);
    }

    /// <summary>
    /// Decodes an xz file, a byte of output a call: what a call that fails has written is without the filter of x86 branches.
    /// </summary>
    public static PeerAnswer DecodeXz(ReadOnlySpan<byte> stream, Span<byte> room)
    {
        LzmaStream state = default;
        return Decode(ref state, BeginXz((LzmaStream*)&state, MemoryLimit, Concatenated), stream, room, 1);
    }

    private static PeerAnswer Decode(ref LzmaStream state, int begun, ReadOnlySpan<byte> stream, Span<byte> room, int step)
    {
        if (begun != Ok)
            throw new InvalidOperationException($"liblzma does not begin: {begun}");
        fixed (byte* input = stream, output = room)
        fixed (LzmaStream* pointer = &state)
        {
            pointer->NextIn = input;
            pointer->AvailableIn = (nuint)stream.Length;
            pointer->NextOut = output;
            int result;
            do
            {
                pointer->AvailableOut = (nuint)Math.Min(step, room.Length - (long)pointer->TotalOut);
                result = Code(pointer, Finish);
            }
            while (result == Ok);
            long written = (long)state.TotalOut;
            bool isFull = result is MemoryError or MemoryLimitError || (result == BufferError && written == room.Length);
            End(pointer);
            return result == StreamEnd ? PeerAnswer.Accept((long)state.TotalIn, written)
                : isFull ? PeerAnswer.Leave(written) : PeerAnswer.Refuse(written, $"{result}");
        }
    }

    [LibraryImport(Library, EntryPoint = "lzma_alone_decoder")]
    private static partial int BeginAlone(LzmaStream* stream, ulong memoryLimit);

    [LibraryImport(Library, EntryPoint = "lzma_stream_decoder")]
    private static partial int BeginXz(LzmaStream* stream, ulong memoryLimit, uint flags);

    [LibraryImport(Library, EntryPoint = "lzma_code")]
    private static partial int Code(LzmaStream* stream, int action);

    [LibraryImport(Library, EntryPoint = "lzma_end")]
    private static partial void End(LzmaStream* stream);

    /// <summary>lzma_stream of lzma/base.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct LzmaStream
    {
        public byte* NextIn;
        public nuint AvailableIn;
        public ulong TotalIn;
        public byte* NextOut;
        public nuint AvailableOut;
        public ulong TotalOut;
        public void* Allocator;
        public void* Internal;
        public fixed ulong Reserved[9];
    }
}
