using BootProtocol.Sample.Linking;
using BootProtocol.Xen;
using Narrow = BootProtocol.Xen.StartInfo.Layout.Offset32;
using Wide = BootProtocol.Xen.StartInfo.Layout.Offset64;

namespace BootProtocol.Sample.Code;

/// <summary>The places of start_info's fields, with di pointing to it.</summary>
internal sealed class XenStartInfo(WordSize word)
{
    public const int MagicLength = Wide.NrPages - Wide.Magic;

    public const int CommandLineLength = Wide.FirstP2MPfn - Wide.CmdLine;

    public Place Pages => At(Narrow.NrPages, Wide.NrPages);

    public Place SharedInfo => At(Narrow.SharedInfo, Wide.SharedInfo);

    public Place Flags => At(Narrow.Flags, Wide.Flags);

    public Place StoreMfn => At(Narrow.StoreMfn, Wide.StoreMfn);

    public Place StoreEventChannel => At(Narrow.StoreEvtchn, Wide.StoreEvtchn);

    public Place ConsoleMfn => At(
        Narrow.ConsoleDomu + DomuConsole.Layout.Offset32.Mfn, Wide.ConsoleDomu + DomuConsole.Layout.Offset64.Mfn);

    public Place ConsoleEventChannel => At(
        Narrow.ConsoleDomu + DomuConsole.Layout.Offset32.Evtchn, Wide.ConsoleDomu + DomuConsole.Layout.Offset64.Evtchn);

    public Place PageTables => At(Narrow.PtBase, Wide.PtBase);

    public Place PageTableFrames => At(Narrow.NrPtFrames, Wide.NrPtFrames);

    public Place FrameList => At(Narrow.MfnList, Wide.MfnList);

    public Place ModuleStart => At(Narrow.ModStart, Wide.ModStart);

    public Place ModuleLength => At(Narrow.ModLen, Wide.ModLen);

    public Place CommandLine => At(Narrow.CmdLine, Wide.CmdLine);

    public Place FirstFrameListPfn => At(Narrow.FirstP2MPfn, Wide.FirstP2MPfn);

    public Place FrameListFrames => At(Narrow.NrP2MFrames, Wide.NrP2MFrames);

    private Place At(int narrow, int wide) => Place.At(WordRegister.Destination, word == WordSize.Bits32 ? narrow : wide);
}
