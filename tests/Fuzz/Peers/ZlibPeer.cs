using System.Runtime.InteropServices;

namespace BootProtocol.Fuzz.Peers;

/// <summary>zlib: one member of a gzip file.</summary>
internal static unsafe partial class ZlibPeer
{
    private const string Library = "libz.so.1";
    private const int GzipOnly = 15 + 16; // windowBits of inflateInit2: the largest window, a gzip header
    private const int Ok = 0;
    private const int StreamEnd = 1;
    private const int BufferError = -5;

    /// <summary>Decodes a stream.</summary>
    public static PeerAnswer Decode(ReadOnlySpan<byte> stream, Span<byte> room)
    {
        fixed (byte* input = stream, output = room)
        {
            var state = new ZStream { NextIn = input, AvailableIn = (uint)stream.Length, NextOut = output, AvailableOut = (uint)room.Length };
            if (Begin(&state, GzipOnly, "1.2.11", sizeof(ZStream)) != Ok)
                throw new InvalidOperationException("zlib does not begin");
            int result;
            do
                result = Inflate(&state, 0);
            while (result == Ok && state.AvailableIn > 0 && state.AvailableOut > 0);
            long written = (long)state.TotalOut;
            bool isFull = result is Ok or BufferError && state.AvailableOut == 0;
            string reason = Marshal.PtrToStringUTF8((nint)state.Message) ?? $"{result}";
            _ = End(&state);
            return result == StreamEnd ? PeerAnswer.Accept(stream.Length - state.AvailableIn, written)
                : isFull ? PeerAnswer.Leave(written) : PeerAnswer.Refuse(written, reason);
        }
    }

    [LibraryImport(Library, EntryPoint = "inflateInit2_", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Begin(ZStream* stream, int windowBits, string version, int size);

    [LibraryImport(Library, EntryPoint = "inflate")]
    private static partial int Inflate(ZStream* stream, int flush);

    [LibraryImport(Library, EntryPoint = "inflateEnd")]
    private static partial int End(ZStream* stream);

    /// <summary>z_stream of zlib.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ZStream
    {
        public byte* NextIn;
        public uint AvailableIn;
        public nuint TotalIn;
        public byte* NextOut;
        public uint AvailableOut;
        public nuint TotalOut;
        public byte* Message;
        public void* State;
        public void* Allocate;
        public void* Free;
        public void* Opaque;
        public int DataType;
        public nuint Adler;
        public nuint Reserved;
    }
}
