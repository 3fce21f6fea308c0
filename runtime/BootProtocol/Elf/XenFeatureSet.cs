using System.Collections.Immutable;
using BootProtocol.Specs;
using BootProtocol.Xen;

namespace BootProtocol.Elf;

/// <summary>The features that a guest kernel for Xen supports, and those without which it does not run.</summary>
/// <param name="Supported">What it supports, with all of <paramref name="Required"/>.</param>
/// <param name="Required">What it cannot do without.</param>
/// <param name="Unknown">Names of features that this library does not know, in their order; a loader passes over them.</param>
/// <param name="UnknownRequired">Names that it does not know and that are required: no loader may start such a kernel.</param>
public sealed record XenFeatureSet(
    XenFeatures Supported,
    XenFeatures Required,
    ImmutableArray<string> Unknown,
    ImmutableArray<string> UnknownRequired)
{
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
            throw new BootFormatException("note Xen", "FEATURES", null, expected, ElfFaults.Text($"{text.Length}"));
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
            if (isRequired)
                required |= feature;
            if (feature == 0)
                (isRequired ? unknownRequired : unknown).Add(name);
        }

        return new XenFeatureSet(supported, required, unknown.ToImmutable(), unknownRequired.ToImmutable());
    }

    /// <summary>Reads a kernel's notes <c>FEATURES</c> and <c>SUPPORTED_FEATURES</c>; the latter adds to what is supported.</summary>
    /// <exception cref="BootFormatException">A note is broken.</exception>
    public static XenFeatureSet Read(ElfFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        XenNotes notes = file.Notes.Xen;
        XenFeatureSet named = Parse(notes.Features, file.Limits);
        return notes.SupportedFeatures is { } more ? named with { Supported = named.Supported | more } : named;
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
