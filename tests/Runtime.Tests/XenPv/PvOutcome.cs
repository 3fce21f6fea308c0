namespace BootProtocol.Runtime.Tests.XenPv;

/// <summary>What came of building the same with both domain builders.</summary>
internal enum PvOutcome
{
    /// <summary>Both built the same.</summary>
    Equal,

    /// <summary>Both refused.</summary>
    BothRefused,

    /// <summary>Ours built what Xen's own cannot, by a mistake of its that is known.</summary>
    TheirMistake,
}
