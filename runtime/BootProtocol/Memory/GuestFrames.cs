namespace BootProtocol.Memory;

/// <summary>The machine frames that a caller names, checked for whether a guest can use them.</summary>
/// <param name="frames">The caller's.</param>
/// <param name="word">The word size of the guest.</param>
internal sealed class GuestFrames(IMachineFrames frames, WordSize word) : IMachineFrames
{
    /// <summary>Frames that have an address of 52 bits, which is all that page tables hold.</summary>
    private const int FrameBits = 40;

    private readonly ulong _end = word == WordSize.Bits32 ? uint.MaxValue : 1UL << FrameBits;

    /// <inheritdoc/>
    /// <exception cref="BootRequestException">The frame's number has no room in the guest's list, or in page tables.</exception>
    public Mfn this[Pfn pfn]
    {
        get
        {
            Mfn frame = frames[pfn];
            if (frame.Value < _end)
                return frame;
            throw new BootRequestException(BootErrorCode.NotAllowed, "machine frames", "", null, $"one below 0x{_end:x}", $"{frame}, for frame {pfn}");
        }
    }
}
