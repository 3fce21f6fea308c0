namespace BootProtocol.Xen.Domains;

/// <summary>What a restore leaves in a domain that has not run, and no builder does.</summary>
/// <remarks>
/// The guest that was saved finds start_info, which has moved, by its machine frame in rdx or edx; and no event channel of before is bound
/// any more. Source: tools/libs/guest/xg_sr_restore_x86_pv.c of Xen.
/// </remarks>
internal static class RestoredMarks
{
    /// <summary>Takes the marks off, if all of them are there.</summary>
    /// <param name="context">The vcpu_guest_context of its first virtual CPU.</param>
    /// <param name="shared">Its shared_info page.</param>
    /// <param name="word">Its word size.</param>
    /// <param name="startInfo">The machine frame of its start_info.</param>
    /// <returns>Whether they were there.</returns>
    public static bool TryRemove(Span<byte> context, Span<byte> shared, WordSize word, Mfn startInfo)
    {
        bool isWide = word == WordSize.Bits64;
        CpuUserRegs.Writer registers = VcpuGuestContext.Edit(context, word).UserRegs;
        CpuUserRegs view = registers.AsView();
        ulong frame = isWide ? view.Rdx!.Value : view.Edx!.Value;
        int mask = isWide ? SharedInfo.Layout.Offset64.EvtchnMask : SharedInfo.Layout.Offset32.EvtchnMask;
        int behind = isWide ? SharedInfo.Layout.Offset64.WcVersion : SharedInfo.Layout.Offset32.WcVersion;
        Span<byte> masked = shared[mask..behind];
        if (frame != startInfo.Value || masked.ContainsAnyExcept(byte.MaxValue))
            return false;
        masked.Clear();
        if (isWide)
            registers.Rdx = 0;
        else
            registers.Edx = 0;
        return true;
    }
}
