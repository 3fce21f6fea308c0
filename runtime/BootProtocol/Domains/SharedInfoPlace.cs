using System.Collections;
using BootProtocol.Memory;

namespace BootProtocol.Domains;

/// <summary>Chooses the machine frame of the page that a PV guest shares with the hypervisor.</summary>
internal static class SharedInfoPlace
{
    private const int LowFrames = XenPvBuilder.LowFrames;

    /// <summary>
    /// The frame behind the guest's last. Where the lower 32 bits of its address, which are all that a 32-bit guest is given, are 0 or the
    /// address of a frame of the guest's own, the next one of which they are not.
    /// </summary>
    /// <param name="frames">The guest's frames.</param>
    /// <param name="count">How many these are, at least 1.</param>
    /// <param name="word">The guest's word size; null for the frame behind the last in any case.</param>
    /// <exception cref="BootRequestException">Each address of 32 bits is that of a frame of the guest's own.</exception>
    public static Mfn Choose(IMachineFrames frames, ulong count, WordSize? word)
    {
        ulong behind = frames[new Pfn(count - 1)].Value + 1;
        if (word is not WordSize.Bits32 || behind < LowFrames)
            return new Mfn(behind);
        var taken = new BitArray(LowFrames) { [0] = true };
        for (ulong frame = 0; frame < count; frame++)
        {
            if (frames[new Pfn(frame)].Value is < LowFrames and var low)
                taken[(int)low] = true;
        }

        for (ulong frame = behind; frame < behind + LowFrames; frame++)
        {
            if (!taken[(int)(frame % LowFrames)])
                return new Mfn(frame);
        }

        const string Expected = "one below 4 GiB for shared_info that is not the guest's: the field of a 32-bit guest holds 32 bits";
        throw new BootRequestException(BootErrorCode.NotAllowed, "machine frames", "", null, Expected, "none");
    }
}
