using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using BootProtocol.Images;
using BootProtocol.Pe;

namespace BootProtocol.Signatures;

/// <summary>A line of an image's section <c>.sbat</c>: a component, and its generation, by which whole ranges of builds are revoked.</summary>
/// <param name="Component">The component, such as <c>linux</c> or <c>systemd-stub</c>; <c>sbat</c> for the format itself.</param>
/// <param name="Generation">Its generation: raised with each fault of security.</param>
/// <param name="Vendor">Who makes it.</param>
/// <param name="Package">The vendor's name for it.</param>
/// <param name="Version">Its version.</param>
/// <param name="Url">Where to ask.</param>
/// <remarks>Source: shim's SBAT.md, "What is SBAT".</remarks>
/// <example><code>
/// foreach (SbatEntry entry in SbatEntry.ReadAll(unified))
///     Console.WriteLine($"{entry.Component} of generation {entry.Generation}, by {entry.Vendor}");
/// </code></example>
public sealed record SbatEntry(string Component, int Generation, string Vendor, string Package, string Version, string Url)
{
    /// <summary>The most lines; images have two to four.</summary>
    public const int MaximumCount = 256;

    private const string SectionName = ".sbat";
    private const int Fields = 6;

    /// <summary>Reads those of an image.</summary>
    /// <returns>None if it has no such section, or no PE headers.</returns>
    /// <exception cref="BootFormatException">The section does not lie in the file, or a line of it is broken.</exception>
    public static ImmutableArray<SbatEntry> ReadAll(BootImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (!image.TryGetPe(out PeView pe))
            return [];
        foreach (SectionHeader header in pe.Sections)
        {
            if (!header.Name.TrimEnd((byte)0).SequenceEqual(Encoding.ASCII.GetBytes(SectionName)))
                continue;
            var section = UnifiedKernelSection.Read(image.Memory, SectionName, header, -1);
            section.Require();
            return Parse(section.Text, section.Offset);
        }

        return [];
    }

    private static ImmutableArray<SbatEntry> Parse(string text, long offset)
    {
        ImmutableArray<SbatEntry>.Builder entries = ImmutableArray.CreateBuilder<SbatEntry>();
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] fields = line.Split(',');
            int generation = 0;
            bool isRight = fields.Length >= 2 && int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out generation);
            if (!isRight || entries.Count == MaximumCount)
            {
                throw new BootFormatException(
                    BootErrorCode.Malformed, $"section {SectionName}", "", offset, "lines of component,generation,...", ReasonText.Quote(line));
            }

            Array.Resize(ref fields, Math.Max(fields.Length, Fields));
            entries.Add(new SbatEntry(fields[0], generation, fields[2] ?? "", fields[3] ?? "", fields[4] ?? "", fields[5] ?? ""));
        }

        return entries.ToImmutable();
    }
}
