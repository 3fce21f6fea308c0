using BootProtocol.Memory;
using BootProtocol.Xen;

namespace BootProtocol.Domains;

/// <summary>Writes what a PV guest finds when it starts: start_info, and the page that it shares with the hypervisor.</summary>
internal static class XenPvStartInfo
{
    /// <summary>The longest command line, in bytes without its NUL (MAX_GUEST_CMDLINE in Xen's public header xen.h).</summary>
    public const int MaximumCommandLine = 1023;

    /// <summary>Writes start_info.</summary>
    /// <param name="page">Its page.</param>
    /// <param name="domain">The guest.</param>
    /// <param name="layout">Its layout.</param>
    /// <param name="builder">What the caller asks for.</param>
    /// <param name="commandLine">The command line, without a NUL.</param>
    /// <param name="initrdLength">Bytes of the initial ramdisk; 0 for none.</param>
    public static void Write(
        Span<byte> page, XenPvDomain domain, XenPvLayout layout, XenPvBuilder builder, ReadOnlySpan<byte> commandLine, ulong initrdLength)
    {
        WordSize word = domain.Placement.Word;
        StartInfo.Writer info = StartInfo.Create(page, word);
        info.SetMagic(StartInfo.MagicOf(word));
        info.NrPages = domain.FrameCount;
        info.SharedInfo = SharedInfoAddress(word, domain.SharedInfoFrame);
        info.Flags = builder.Flags;
        info.StoreMfn = domain.Frames[layout.Xenstore];
        info.StoreEvtchn = builder.StorePort;
        DomuConsole.Writer console = info.ConsoleDomu;
        console.Mfn = domain.Frames[layout.Console];
        console.Evtchn = builder.ConsolePort;
        info.PtBase = layout.AddressOf(layout.TopTable);
        info.NrPtFrames = (ulong)layout.Tables.Mappings[0].TableCount;
        info.MfnList = layout.P2MAddress;
        if (layout.IsP2MApart)
        {
            info.FirstP2MPfn = layout.P2M;
            info.NrP2MFrames = layout.P2MPages + (ulong)layout.Tables.Mappings[1].TableCount;
        }

        if (layout.Initrd is { } initrd)
        {
            if (layout.IsInitrdMapped)
            {
                info.ModStart = layout.AddressOf(initrd);
                info.ModLen = initrdLength;
            }
            else
            {
                // Xen's own builder states whole pages here; what follows the module in its last page is zero.
                info.Flags = builder.Flags | StartInfoFlags.ModuleStartIsPfn;
                info.ModStartPfn = initrd;
                info.ModLen = X86Page.Count(initrdLength) * X86Page.Size;
            }
        }

        info.SetCmdLine(commandLine);
    }

    /// <summary>Where the command line stands in start_info, in bytes.</summary>
    public static int CommandLineAt(WordSize word) =>
        word == WordSize.Bits32 ? StartInfo.Layout.Offset32.CmdLine : StartInfo.Layout.Offset64.CmdLine;

    /// <summary>Makes the page that a guest shares with the hypervisor: no virtual CPU takes events yet.</summary>
    public static byte[] MakeSharedInfo(WordSize word)
    {
        byte[] page = new byte[X86Page.Size];
        SharedInfo.Writer info = SharedInfo.Create(page, word);
        int count = (word == WordSize.Bits32 ? SharedInfo.Layout.Offset32.EvtchnPending : SharedInfo.Layout.Offset64.EvtchnPending)
            / VcpuInfo.Layout.Size64;
        for (int i = 0; i < count; i++)
        {
            VcpuInfo.Writer cpu = info.GetVcpuInfo(i);
            cpu.EvtchnUpcallMask = 1;
        }

        return page;
    }

    // The field of a 32-bit guest holds 32 bits; Xen gives such guests a page below 4 GiB.
    private static Maddr SharedInfoAddress(WordSize word, Mfn frame)
    {
        ulong address = frame.Value << X86Page.Shift;
        return new Maddr(word == WordSize.Bits32 ? (uint)address : address);
    }
}
