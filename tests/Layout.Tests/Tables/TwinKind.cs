namespace BootProtocol.Layout.Tests.Tables;

/// <summary>What a line of a twin table speaks of.</summary>
internal enum TwinKind
{
    Structure,
    Flags,
    Enumeration,
    Constants,
    Notes,
    Field,
    Enumerator,
    Note,
    Family,
}
