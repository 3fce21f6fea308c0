using System.Collections.Immutable;
using System.Text;
using BootProtocol.Elf;
using BootProtocol.Specs;
using BootProtocol.Xen;

namespace BootProtocol.Rules;

/// <summary>The features that a guest kernel for Xen supports, and those without which it does not run.</summary>
/// <param name="Supported">What it supports, with all of <paramref name="Required"/>.</param>
/// <param name="Required">What it cannot do without, of what a loader can see to.</param>
/// <param name="Unknown">Names of features that have no number here, in their order; a loader passes over them.</param>
/// <param name="UnknownRequired">
/// Names that are required and that Xen's own loader does not have, in their order: it refuses such a kernel. Some have a number all the same.
/// </param>
/// <example><code>
/// XenFeatureSet features = XenFeatureSet.Parse("!writable_page_tables|pae_pgdir_above_4gb");
/// Console.WriteLine($"required: {features.Required}, supported: {features.Supported}");
/// </code></example>
public sealed record XenFeatureSet(
    XenFeatures Supported,
    XenFeatures Required,
    ImmutableArray<string> Unknown,
    ImmutableArray<string> UnknownRequired)
{
    /// <summary>
    /// The features that Xen's own loader has by name, whatever else has a number in features.h (elf_xen_feature_names in
    /// xen/common/libelf/libelf-dominfo.c).
    /// </summary>
    private const XenFeatures KnownByName =
        XenFeatures.WritablePageTables | XenFeatures.WritableDescriptorTables | XenFeatures.AutoTranslatedPhysmap
        | XenFeatures.SupervisorModeKernel | XenFeatures.PaePgdirAbove4gb | XenFeatures.HvmCallbackVector | XenFeatures.Dom0;

    /// <summary>No features.</summary>
    public static XenFeatureSet Empty { get; } = new(0, 0, [], []);

    /// <summary>Reads note <c>FEATURES</c>, or what <c>__xen_guest</c> has in its place.</summary>
    /// <param name="text">Names joined by <c>|</c>, with <c>!</c> before those that are required; null if there is no such note.</param>
    /// <param name="limits">How long the text may be; null for <see cref="Limits.Default"/>.</param>
    /// <exception cref="BootFormatException">The text is too long.</exception>
    public static XenFeatureSet Parse(string? text, Limits? limits = null)
    {
        if (string.IsNullOrEmpty(text))
            return Empty;
        int maximum = (limits ?? Limits.Default).MaximumStringLength;
        if (text.Length > maximum)
        {
            string expected = ElfFaults.Text($"at most {maximum} characters");
            throw new BootFormatException(BootErrorCode.TooLarge, "note Xen", "FEATURES", null, expected, ElfFaults.Text($"{text.Length}"));
        }

        XenFeatures supported = 0;
        XenFeatures required = 0;
        var unknown = ImmutableArray.CreateBuilder<string>();
        var unknownRequired = ImmutableArray.CreateBuilder<string>();
        foreach (string part in text.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            bool isRequired = part[0] == '!';
            string name = isRequired ? part[1..] : part;
            XenFeatures feature = Find(name);
            supported |= feature;
            if (isRequired && (feature & KnownByName) == 0)
                unknownRequired.Add(name);
            else if (isRequired)
                required |= feature;
            else if (feature == 0)
                unknown.Add(name);
        }

        return new XenFeatureSet(supported, required, unknown.ToImmutable(), unknownRequired.ToImmutable());
    }

    /// <summary>
    /// Reads a kernel's notes <c>FEATURES</c> and <c>SUPPORTED_FEATURES</c>; the latter adds to what is supported. Of several notes
    /// <c>FEATURES</c>, all count, as one text.
    /// </summary>
    /// <exception cref="BootFormatException">A note is broken, or the names are too long together.</exception>
    public static XenFeatureSet Read(ElfFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        XenNotes notes = file.Notes.Xen;
        XenFeatureSet named = Parse(Text(file, notes), file.Limits);
        return notes.SupportedFeatures is { } more ? named with { Supported = named.Supported | more } : named;
    }

    /// <summary>The names of all notes; where they are longer than the limits allow, as many as show that.</summary>
    private static string? Text(ElfFile file, XenNotes notes)
    {
        List<Note> several = file.Notes.FindAll(XenNotes.Layout.Owner, XenNotes.Number.Features);
        if (several.Count < 2)
            return notes.Features;
        var text = new StringBuilder();
        foreach (Note note in several)
        {
            if (text.Length > file.Limits.MaximumStringLength)
                break;
            text.Append(text.Length == 0 ? "" : "|").Append(NoteReader.Text(note.Descriptor));
        }

        return text.ToString();
    }

    private static XenFeatures Find(string name)
    {
        foreach (SpecEnumerator feature in XenFeaturesLayout.Info.Enumerators)
        {
            if (feature.Name == name)
                return (XenFeatures)feature.Value;
        }

        return 0;
    }
}
