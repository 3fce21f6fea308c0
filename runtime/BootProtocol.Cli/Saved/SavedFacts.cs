using System.Globalization;
using BootProtocol.Saved;
using BootProtocol.Xen;
using BootProtocol.XenStream;

namespace BootProtocol.Cli.Saved;

/// <summary>What a saved domain's file says, in the words of the report and of JSON.</summary>
internal static class SavedFacts
{
    /// <summary>What the file begins with.</summary>
    public static string Kind(SavedDomain domain) => domain switch
    {
        { HasXlHeader: true } => "saved Xen domain",
        { LibxlVersion: not null } => "libxl's stream of a Xen domain",
        _ => "libxenguest's stream of a Xen domain",
    };

    /// <summary>What the domain is: <c>pv</c> or <c>hvm</c>.</summary>
    public static string Type(SavedDomain domain) => domain.Type == XcDomainType.X86Pv ? "pv" : "hvm";

    /// <summary>The Xen that it was saved on.</summary>
    public static string Version(SavedDomain domain) => string.Create(CultureInfo.InvariantCulture, $"{domain.Xen.Major}.{domain.Xen.Minor}");

    /// <summary>Whose a record is.</summary>
    public static string Layer(SavedRecord record) => record.IsLibxl ? "libxl" : "libxenguest";

    /// <summary>A record's kind, as the protocol spells it.</summary>
    public static string Name(SavedRecord record) => RecordNames.Find(record.IsLibxl ? LibxlRecordTypeLayout.Info : XcRecordTypeLayout.Info, record.Type);

    /// <summary>A page's kind, as the protocol spells it.</summary>
    public static string Name(XcPageType kind) => RecordNames.Find(XcPageTypeLayout.Info, (ulong)kind);

    /// <summary>Where a processor goes on; null for one without that part of its state.</summary>
    public static (ulong InstructionPointer, ulong StackPointer, Mfn TopTable, VcpuContextFlags Flags)? State(SavedDomain domain, SavedProcessor processor)
    {
        if (processor.Context.IsEmpty || domain.Word is not { } word)
            return null;
        VcpuGuestContext context = VcpuGuestContext.Parse(processor.Context.Span, word);
        CpuUserRegs registers = context.UserRegs;
        return (
            registers.Rip ?? registers.Eip!.Value, registers.Rsp ?? registers.Esp!.Value, context.TopTable, (VcpuContextFlags)context.Flags);
    }
}
