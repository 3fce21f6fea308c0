using System.Collections.Immutable;
using System.Text;

namespace BootProtocol.Images;

/// <summary>What one profile of a unified kernel image starts.</summary>
/// <example><code>
/// UnifiedKernelProfile profile = unified.UnifiedKernel!.Profiles[0];
/// using BootImage inside = BootImage.Open(profile.Kernel);
/// Console.WriteLine($"{profile.Title ?? "main"}: {inside.KernelVersion}, {profile.CommandLine}, {profile.Initrds.Length} ramdisks");
/// </code></example>
public sealed class UnifiedKernelProfile
{
    private readonly ImmutableArray<UnifiedKernelSection> _sections;

    internal UnifiedKernelProfile(int index, ImmutableArray<UnifiedKernelSection> sections)
    {
        Index = index;
        _sections = sections;
    }

    /// <summary>Its number, from 0.</summary>
    public int Index { get; }

    /// <summary>The ID that its section <c>.profile</c> gives it; null if none.</summary>
    public string? Id => Value("ID");

    /// <summary>The title that its section <c>.profile</c> gives it; null if none.</summary>
    public string? Title => Value("TITLE");

    /// <summary>The kernel, as it is: a bzImage where it is one for x86; empty if this profile has none, cut off if the file is.</summary>
    public ReadOnlyMemory<byte> Kernel => Find(UnifiedKernelImage.KernelSection)?.Bytes ?? default;

    /// <summary>
    /// The command line: the text of <c>.cmdline</c>, each control character a space, without those at its ends; empty if there is none.
    /// </summary>
    /// <exception cref="BootFormatException">It does not lie in the file.</exception>
    public string CommandLine
    {
        get
        {
            if (Find(".cmdline") is not { } section)
                return "";
            section.Require();
            var text = new StringBuilder(section.Text);
            for (int i = 0; i < text.Length; i++)
                text[i] = char.IsControl(text[i]) ? ' ' : text[i];
            return text.ToString().Trim(' ');
        }
    }

    /// <summary>The initial ramdisks in the order in which the kernel gets them: microcode (<c>.ucode</c>), then <c>.initrd</c>.</summary>
    /// <exception cref="BootFormatException">One does not lie in the file.</exception>
    public ImmutableArray<ReadOnlyMemory<byte>> Initrds
    {
        get
        {
            var initrds = new List<ReadOnlyMemory<byte>>();
            foreach (UnifiedKernelSection section in InitrdSections)
            {
                section.Require();
                initrds.Add(section.Bytes);
            }

            return [.. initrds];
        }
    }

    /// <summary>The sections of <see cref="Initrds"/>; those without a byte are left out.</summary>
    public IEnumerable<UnifiedKernelSection> InitrdSections =>
        new[] { Find(".ucode"), Find(".initrd") }.OfType<UnifiedKernelSection>().Where(static section => section.Length > 0 || section.Fault.IsError);

    /// <summary>Finds a section of this profile, or else the common one.</summary>
    /// <param name="name">The name, such as <c>.osrel</c>.</param>
    /// <returns>Null if there is none.</returns>
    public UnifiedKernelSection? Find(string name) =>
        _sections.FirstOrDefault(section => section.Name == name && section.Profile == Index)
        ?? _sections.FirstOrDefault(section => section.Name == name && section.Profile is null);

    /// <summary>A value of the profile's own description, which has the form of os-release: lines of NAME=VALUE, quoted or not.</summary>
    private string? Value(string name)
    {
        if (_sections.FirstOrDefault(section => section.Name == ".profile" && section.Profile == Index) is not { } description)
            return null;
        foreach (string line in description.Text.Split('\n'))
        {
            if (line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] == '=')
                return line[(name.Length + 1)..].Trim().Trim('"', '\'');
        }

        return null;
    }
}
