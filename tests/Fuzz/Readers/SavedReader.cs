using BootProtocol.Saved;
using BootProtocol.Verify;

namespace BootProtocol.Fuzz.Readers;

/// <summary>Reads files of saved Xen domains.</summary>
internal static class SavedReader
{
    /// <summary>Reads a file.</summary>
    public static void Read(byte[] file, Facts facts)
    {
        facts.Ask("saved", () =>
        {
            SavedDomain domain = SavedDomain.Read(new MemoryStream(file));
            return $"{domain.Type} {domain.FrameCount} {domain.PageTableLevels} {domain.HasRun} {domain.Configuration?.Length} "
                + $"{string.Join(' ', domain.Records.Select(static record => $"{record.Offset} {record.Length}"))} {domain.Processors.Length}";
        });
        facts.Ask("pv", () =>
        {
            XenPvImage image = SavedDomain.ReadPv(new MemoryStream(file));
            using (image.Memory)
                return $"{image.Word} {image.FrameCount}";
        });
    }
}
