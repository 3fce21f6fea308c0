using BootProtocol.Verify;

namespace BootProtocol.Fuzz.Readers;

/// <summary>Reads what stands beside a raw domain.</summary>
internal static class DescriptionReader
{
    private static readonly ulong[] _frames = [0, 1, 0x1000, ulong.MaxValue];

    /// <summary>Reads JSON.</summary>
    public static void Read(byte[] json, Facts facts) => facts.Ask("description", () =>
    {
        RawDescription description = RawDescription.Parse(json);
        IEnumerable<ulong> known = _frames.Where(frame => frame < description.FrameCount);
        return $"{description.Word} {description.FrameCount} {description.LaidOutFrames}: "
            + string.Join(", ", known.Select(frame => description.Frames[new Pfn(frame)]));
    });
}
