using BootProtocol.Relocate;

namespace BootProtocol.Cli.Inspection;

/// <summary>The words for relocation lists in reports and JSON.</summary>
internal static class RelocationNames
{
    /// <summary>The word for a kind of relocation.</summary>
    public static string Of(RelocationKind kind) => kind switch
    {
        RelocationKind.Add64 => "64",
        RelocationKind.Subtract32 => "inverse_32",
        RelocationKind.Add32 => "32",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
