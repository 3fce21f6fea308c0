namespace BootProtocol.Sample.Code;

/// <summary>The entry points; the numbers index the guest's tables.</summary>
internal enum EntryKind
{
    Linux32,
    Linux64,
    Pvh,
    XenPv,
}
