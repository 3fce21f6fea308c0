using System.Runtime.InteropServices;

namespace BootProtocol.Fuzz.Peers;

/// <summary>libbz2: one stream.</summary>
internal static unsafe partial class Bzip2Peer
{
    private const string Library = "libbz2.so.1.0";
    private const int Ok = 0;
    private const int StreamEnd = 4;

    /// <summary>Decodes a stream.</summary>
    public static PeerAnswer Decode(ReadOnlySpan<byte> stream, Span<byte> room)
    {
        fixed (byte* input = stream, output = room)
        {
            var state = new BzStream { NextIn = input, AvailableIn = (uint)stream.Length, NextOut = output, AvailableOut = (uint)room.Length };
            if (Begin(&state, 0, 0) != Ok)
                throw new InvalidOperationException("libbz2 does not begin");
            // It returns once the input or the room is used up; a call without either does nothing.
            int result;
            uint before;
            do
            {
                before = state.AvailableIn + state.AvailableOut;
                result = Decompress(&state);
            }
            while (result == Ok && state.AvailableIn + state.AvailableOut != before);
            long written = room.Length - state.AvailableOut;
            bool isFull = result == Ok && state.AvailableOut == 0;
            _ = End(&state);
            return result == StreamEnd ? PeerAnswer.Accept(stream.Length - state.AvailableIn, written)
                : isFull ? PeerAnswer.Leave(written) : PeerAnswer.Refuse(written, $"{result}");
        }
    }

    [LibraryImport(Library, EntryPoint = "BZ2_bzDecompressInit")]
    private static partial int Begin(BzStream* stream, int verbosity, int small);

    [LibraryImport(Library, EntryPoint = "BZ2_bzDecompress")]
    private static partial int Decompress(BzStream* stream);

    [LibraryImport(Library, EntryPoint = "BZ2_bzDecompressEnd")]
    private static partial int End(BzStream* stream);

    /// <summary>bz_stream of bzlib.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct BzStream
    {
        public byte* NextIn;
        public uint AvailableIn;
        public uint TotalInLow;
        public uint TotalInHigh;
        public byte* NextOut;
        public uint AvailableOut;
        public uint TotalOutLow;
        public uint TotalOutHigh;
        public void* State;
        public void* Allocate;
        public void* Free;
        public void* Opaque;
    }
}
