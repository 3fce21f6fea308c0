using BootProtocol.Xen;

namespace BootProtocol.Verify;

/// <summary>The page that the domain shares with the hypervisor.</summary>
internal static class SharedInfoCheck
{
    /// <summary>Checks that events are masked, and that all else is still zero.</summary>
    public static void Run(XenPvImage image, List<Violation> violations)
    {
        byte[] page = image.SharedInfo.ToArray();
        SharedInfo.Writer shared = SharedInfo.Edit(page, image.Word);
        ViewList<VcpuInfo> processors = shared.AsView().VcpuInfo;
        for (int i = 0; i < processors.Count; i++)
        {
            if (processors[i].EvtchnUpcallMask != 1)
            {
                violations.Add(new Violation(XenPvRule.EventsMasked, $"{processors[i].EvtchnUpcallMask} for virtual CPU {i}"));
                return;
            }

            VcpuInfo.Writer processor = shared.GetVcpuInfo(i);
            processor.EvtchnUpcallMask = 0;
        }

        int rest = page.AsSpan().IndexOfAnyExcept((byte)0);
        if (rest >= 0)
            violations.Add(new Violation(XenPvRule.EventsMasked, $"0x{page[rest]:x} at byte 0x{rest:x}"));
    }
}
