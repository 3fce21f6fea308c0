using BootProtocol.Specs;

namespace BootProtocol.Cli.Reference;

/// <summary>The colours of fields in drawings, by what they hold.</summary>
internal static class CellTone
{
    /// <summary>The colour of a field.</summary>
    public static string Of(SpecField field) => field.Kind switch
    {
        SpecKind.Unsigned or SpecKind.Signed or SpecKind.Version => "#d6e8fc",
        SpecKind.Flags or SpecKind.Enumeration => "#e6dcf7",
        SpecKind.Structure or SpecKind.Choice => "#fdeec4",
        SpecKind.Text or SpecKind.Bytes => "#e3e7ec",
        SpecKind.Pad => "#fff",
        _ => "#d5f0dc",
    };
}
