using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace BootProtocol.Benchmarks;

/// <summary>The reads that a careful hand writes: the same checks as the views make, and nothing else.</summary>
internal static class HandReads
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Ungated(ReadOnlySpan<byte> bytes, int start) =>
        (ulong)U16(bytes, 0x1f2 - start) + U16(bytes, 0x1fa - start) + U16(bytes, 0x1fc - start) + U16(bytes, 0x20e - start)
        + U32(bytes, 0x214 - start) + U32(bytes, 0x218 - start) + U32(bytes, 0x21c - start) + U32(bytes, 0x220 - start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Gated(ReadOnlySpan<byte> bytes, uint version, int start)
    {
        ushort? heapEnd = version >= 0x201 && bytes.Length >= 0x226 - start ? U16(bytes, 0x224 - start) : null;
        uint? commandLine = version >= 0x202 && bytes.Length >= 0x22c - start ? U32(bytes, 0x228 - start) : null;
        uint? alignment = version >= 0x205 && bytes.Length >= 0x234 - start ? U32(bytes, 0x230 - start) : null;
        uint? payload = version >= 0x208 && bytes.Length >= 0x24c - start ? U32(bytes, 0x248 - start) : null;
        uint? payloadLength = version >= 0x208 && bytes.Length >= 0x250 - start ? U32(bytes, 0x24c - start) : null;
        ulong? preferred = version >= 0x20a && bytes.Length >= 0x260 - start ? U64(bytes, 0x258 - start) : null;
        uint? size = version >= 0x20a && bytes.Length >= 0x264 - start ? U32(bytes, 0x260 - start) : null;
        uint? handover = version >= 0x20b && bytes.Length >= 0x268 - start ? U32(bytes, 0x264 - start) : null;
        return (heapEnd ?? 0ul) + (commandLine ?? 0) + (alignment ?? 0) + (payload ?? 0)
            + (payloadLength ?? 0) + (preferred ?? 0) + (size ?? 0) + (handover ?? 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong StandIn(ReadOnlySpan<byte> bytes, uint version, int start) =>
        (version >= 0x203 && bytes.Length >= 0x230 - start ? U32(bytes, 0x22c - start) : 0x37ffffffUL)
        + (version >= 0x205 && bytes.Length >= 0x235 - start ? bytes[0x234 - start] : 0ul)
        + (version >= 0x20c && bytes.Length >= 0x238 - start ? U16(bytes, 0x236 - start) : 0ul)
        + (version >= 0x206 && bytes.Length >= 0x23c - start ? U32(bytes, 0x238 - start) : 255ul);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Word(ReadOnlySpan<byte> bytes, bool isNarrow) =>
        (isNarrow ? U32(bytes, 32) : U64(bytes, 32)) + (isNarrow ? U32(bytes, 36) : U64(bytes, 40))
        + (isNarrow ? U32(bytes, 44) : U64(bytes, 56)) + (isNarrow ? U32(bytes, 60) : U64(bytes, 88));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort U16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.Slice(offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint U32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice(offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong U64(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.Slice(offset));

    /// <summary>Walks through ELF notes that are aligned to 4 bytes: the sum of their types and of the sizes of their names and descriptors.</summary>
    public static ulong SumNotes(ReadOnlySpan<byte> bytes)
    {
        const int Header = 12;
        ulong sum = 0;
        int at = 0;
        while (at < bytes.Length)
        {
            ReadOnlySpan<byte> rest = bytes[at..];
            if (rest.Length < Header)
                throw new InvalidDataException();
            uint nameSize = U32(rest, 0);
            uint descriptorSize = U32(rest, 4);
            if (nameSize > (uint)(rest.Length - Header))
                throw new InvalidDataException();
            ReadOnlySpan<byte> name = rest.Slice(Header, (int)nameSize);
            int terminator = name.IndexOf((byte)0);
            int descriptor = Math.Min((Header + (int)nameSize + 3) & ~3, rest.Length);
            if (descriptorSize > (uint)(rest.Length - descriptor))
                throw new InvalidDataException();
            ReadOnlySpan<byte> stored = rest.Slice(descriptor, (int)descriptorSize);
            sum += U32(rest, 8) + (uint)(terminator < 0 ? name.Length : terminator) + (uint)stored.Length;
            at += Math.Min((descriptor + (int)descriptorSize + 3) & ~3, rest.Length);
        }

        return sum;
    }
}
