using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using BootProtocol.Verify;
using BootProtocol.XenStream;

namespace BootProtocol.Saved;

/// <summary>
/// What the file of a saved Xen domain says, as <c>xl save</c> and <see cref="Output.XlOutput"/> write it, or a bare stream of libxl or
/// libxenguest. The contents of pages are no part of it.
/// </summary>
/// <remarks>
/// A file is read from front to back, a record at a time; of pages no more than a record's. Sources: docs/specs/libxc-migration-stream.pandoc and
/// libxl-migration-stream.pandoc of Xen.
/// </remarks>
/// <example><code>
/// string file = Path.Combine(folder, "web.save");
/// using (FileStream output = File.Create(file))
///     XlOutput.Write(pv, output, new XlOutputOptions { Name = "web" });
/// using FileStream input = File.OpenRead(file);
/// SavedDomain saved = SavedDomain.Read(input);
/// Console.WriteLine($"{saved.Name}: {saved.FrameCount} frames, {saved.Records.Length} records, version {saved.StreamVersion}");
/// </code></example>
public sealed class SavedDomain
{
    /// <summary>Bytes at a file's start by which it is recognised.</summary>
    public const int HeadLength = 32;

    /// <summary>Whether xl's header is in front, with the domain's configuration.</summary>
    public bool HasXlHeader { get; internal set; }

    /// <summary>The configuration: JSON, or in xl's own language; null without xl's header.</summary>
    public string? Configuration { get; internal set; }

    /// <summary>Whether the configuration is JSON.</summary>
    public bool IsJson { get; internal set; }

    /// <summary>The domain's name; null if the file has none in JSON.</summary>
    public string? Name => Find("name");

    /// <summary>The domain's UUID; null if the file has none in JSON.</summary>
    public Guid? Handle => Guid.TryParse(Find("uuid"), out Guid handle) ? handle : null;

    /// <summary>The version of libxl's stream; null where libxenguest's stands alone.</summary>
    public uint? LibxlVersion { get; internal set; }

    /// <summary>The version of libxenguest's stream.</summary>
    public uint StreamVersion { get; internal set; }

    /// <summary>What the domain is.</summary>
    public XcDomainType Type { get; internal set; }

    /// <summary>The version of the Xen that it was saved on.</summary>
    public (uint Major, uint Minor) Xen { get; internal set; }

    /// <summary>The word size of a PV domain; null for others.</summary>
    public WordSize? Word { get; internal set; }

    /// <summary>Levels of a PV domain's page tables.</summary>
    public int PageTableLevels { get; internal set; }

    /// <summary>The frames of a PV domain; null for others.</summary>
    public ulong? FrameCount { get; internal set; }

    /// <summary>The frames of a PV domain that hold its list of machine frames.</summary>
    public ImmutableArray<ulong> FrameList { get; internal set; } = [];

    /// <summary>All records, in their order.</summary>
    public ImmutableArray<SavedRecord> Records { get; internal set; } = [];

    /// <summary>How many pages of each kind the file has; a running domain's pages can be there several times.</summary>
    public ImmutableSortedDictionary<XcPageType, ulong> Pages { get; internal set; } = ImmutableSortedDictionary<XcPageType, ulong>.Empty;

    /// <summary>The virtual CPUs of a PV domain, by ascending number.</summary>
    public ImmutableArray<SavedProcessor> Processors { get; internal set; } = [];

    /// <summary>The page that a PV domain shares with the hypervisor; empty for others.</summary>
    public ReadOnlyMemory<byte> SharedInfo { get; internal set; }

    /// <summary>Whether the domain had run: Xen saves more of such a domain's virtual CPUs.</summary>
    public bool HasRun => Type != XcDomainType.X86Pv || Processors.Any(static processor => processor.ExtendedLength + processor.XsaveLength > 0);

    /// <summary>Whether a file is one of a saved domain, by its first bytes.</summary>
    /// <param name="start">As many as there are, up to <see cref="HeadLength"/>.</param>
    public static bool IsSaved(ReadOnlySpan<byte> start) => SavedFile.KindOf(start) is not null;

    /// <summary>Reads a file.</summary>
    /// <param name="stream">The file, from its start; it is read to its end, and not closed.</param>
    /// <exception cref="BootFormatException">It is none of a saved domain, cut off, or broken; the message names the record.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SavedDomain Read(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return new SavedFile(stream, null).Read();
    }

    /// <summary>Reads a PV domain that has not run yet, with its memory: its own frame numbers stand for machine frames.</summary>
    /// <param name="stream">The file, from its start; it is read to its end, and not closed.</param>
    /// <returns>The domain as a restore would make it; its memory is the caller's to dispose.</returns>
    /// <exception cref="BootFormatException">
    /// As for <see cref="Read"/>; or the domain is no PV one, has run or has more than 4 TiB of memory, or a frame of its list of machine frames
    /// has no contents.
    /// </exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static XenPvImage ReadPv(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return SavedPv.Read(stream);
    }

    private string? Find(string property)
    {
        if (!IsJson || Configuration is null)
            return null;
        try
        {
            using var document = JsonDocument.Parse(Encoding.UTF8.GetBytes(Configuration));
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("c_info", out JsonElement info) && info.ValueKind == JsonValueKind.Object
                && info.TryGetProperty(property, out JsonElement value) && value.ValueKind == JsonValueKind.String
                ? value.GetString()
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Texts are decoded when they are asked for.
            return null;
        }
    }
}
