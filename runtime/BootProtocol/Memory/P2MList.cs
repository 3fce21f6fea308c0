using System.Buffers.Binary;

namespace BootProtocol.Memory;

/// <summary>A guest's list of the machine frames behind its frames: a word for each.</summary>
internal static class P2MList
{
    /// <summary>The bytes of a list, without what fills its last page.</summary>
    /// <param name="word">The word size of the guest.</param>
    /// <param name="frames">The frames that the guest has.</param>
    public static ulong Size(WordSize word, ulong frames) => frames * ((ulong)word / 8);

    /// <summary>Writes a list.</summary>
    /// <param name="list">Where it goes; as long as <see cref="Size"/> says, or longer.</param>
    /// <param name="word">The word size of the guest.</param>
    /// <param name="count">The frames that the guest has.</param>
    /// <param name="frames">The machine frames behind them; for 32 bits below 2^32.</param>
    public static void Write(Span<byte> list, WordSize word, ulong count, IMachineFrames frames)
    {
        for (ulong i = 0; i < count; i++)
        {
            ulong frame = frames[new Pfn(i)].Value;
            if (word == WordSize.Bits32)
                BinaryPrimitives.WriteUInt32LittleEndian(list[((int)i * sizeof(uint))..], (uint)frame);
            else
                BinaryPrimitives.WriteUInt64LittleEndian(list[((int)i * sizeof(ulong))..], frame);
        }
    }
}
