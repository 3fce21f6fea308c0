using BootProtocol.Elf;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Inspection;

/// <summary>The words for a segment's kind and access rights.</summary>
internal static class SegmentText
{
    /// <summary>The kind, as the format spells it: <c>PT_LOAD</c>; its number in hexadecimal digits if it has no name.</summary>
    public static string Type(Segment segment) =>
        new SpecEnumValue(SegmentTypeLayout.Info, (ulong)segment.Type).Name ?? $"0x{(uint)segment.Type:x}";

    /// <summary>The access rights, as a subset of <c>RWX</c>.</summary>
    public static string Flags(Segment segment) => string.Concat(
        segment.Flags.HasFlag(SegmentFlags.Read) ? "R" : "",
        segment.Flags.HasFlag(SegmentFlags.Write) ? "W" : "",
        segment.Flags.HasFlag(SegmentFlags.Execute) ? "X" : "");
}
