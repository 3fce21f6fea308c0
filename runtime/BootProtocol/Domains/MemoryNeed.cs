namespace BootProtocol.Domains;

/// <summary>Finds out how much memory a guest would need for which there is not enough.</summary>
internal static class MemoryNeed
{
    private const int MebibyteShift = 20;

    /// <summary>What no plan needs: 64 TiB, the end of what Linux addresses by page tables of four levels.</summary>
    private const ulong Most = 1UL << (46 - MebibyteShift);

    /// <summary>Makes a plan; where it fails for lack of memory, the error says how much would do.</summary>
    /// <param name="memory">Bytes of memory.</param>
    /// <param name="plan">Makes the plan for so much memory. It is asked for other sizes, too, and leaves nothing behind.</param>
    /// <exception cref="BootException">There is no such plan.</exception>
    public static T Plan<T>(ulong memory, Func<ulong, T> plan)
    {
        try
        {
            return plan(memory);
        }
        catch (BootRequestException fault)
        {
            if (Find(memory, plan) is not { } mebibytes)
                throw;
            string found = $"{fault.Found}; the guest needs at least {mebibytes}M of memory";
            throw new BootRequestException(fault.Code, fault.Structure, fault.Field, fault.Offset, fault.Expected, found, fault);
        }
    }

    /// <summary>
    /// The MiB that would do, where one less would not; null if no size would, so that it is something else that is in the way.
    /// </summary>
    private static ulong? Find<T>(ulong memory, Func<ulong, T> plan)
    {
        ulong tooSmall = memory >> MebibyteShift;
        ulong enough = tooSmall + 1;
        while (!IsPossible(enough, plan))
        {
            tooSmall = enough;
            enough *= 2;
            if (enough > Most)
                return null;
        }

        while (enough - tooSmall > 1)
        {
            ulong middle = tooSmall + ((enough - tooSmall) / 2);
            if (IsPossible(middle, plan))
                enough = middle;
            else
                tooSmall = middle;
        }

        return enough;
    }

    private static bool IsPossible<T>(ulong mebibytes, Func<ulong, T> plan)
    {
        try
        {
            _ = plan(mebibytes << MebibyteShift);
            return true;
        }
        catch (BootException)
        {
            return false;
        }
    }
}
