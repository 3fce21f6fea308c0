using System.Collections.Immutable;
using System.Text;
using BootProtocol.Pe;

namespace BootProtocol.Images;

/// <summary>The parts of a unified kernel image (UKI): an EFI program whose sections hold a kernel and all that is started with it.</summary>
/// <remarks>
/// Sections before the first one named <c>.profile</c> are common to all profiles; each <c>.profile</c> begins another one, whose sections
/// take the place of common ones of the same name. An image without any has one profile.
/// Source: the UAPI Group's specification "Unified Kernel Image", and systemd's stub.
/// </remarks>
/// <example><code>
/// UnifiedKernelImage parts = unified.UnifiedKernel!;
/// foreach (UnifiedKernelSection section in parts.Sections)
///     Console.WriteLine($"{section.Name} at 0x{section.Offset:x}: {section.Length} bytes");
/// </code></example>
public sealed class UnifiedKernelImage
{
    /// <summary>The name of the section that holds the kernel.</summary>
    public const string KernelSection = ".linux";

    /// <summary>The most profiles: images have a handful, and each is measured by itself.</summary>
    public const int MaximumProfiles = 64;

    private const string ProfileSection = ".profile";

    private UnifiedKernelImage(ImmutableArray<UnifiedKernelSection> sections, ImmutableArray<UnifiedKernelProfile> profiles)
    {
        Sections = sections;
        Profiles = profiles;
    }

    /// <summary>All sections that are parts of it, in the order of the file; those of the EFI program itself are left out.</summary>
    public ImmutableArray<UnifiedKernelSection> Sections { get; }

    /// <summary>The profiles, at least one; the first is the one that is started unless another is chosen.</summary>
    public ImmutableArray<UnifiedKernelProfile> Profiles { get; }

    /// <summary>Finds a profile by its number, from 0, or by the ID that it gives itself.</summary>
    /// <returns>Null if there is none.</returns>
    public UnifiedKernelProfile? FindProfile(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Profiles.FirstOrDefault(profile => profile.Id == name)
            ?? Profiles.FirstOrDefault(profile => FormattableString.Invariant($"{profile.Index}") == name);
    }

    /// <summary>Whether an EFI program is a unified kernel image: it has a section <c>.linux</c>.</summary>
    internal static bool IsOne(PeView pe)
    {
        foreach (SectionHeader section in pe.Sections)
        {
            if (NameOf(section) == KernelSection)
                return true;
        }

        return false;
    }

    private static string NameOf(SectionHeader section) => Encoding.UTF8.GetString(section.Name.TrimEnd((byte)0));

    /// <summary>Reads the parts.</summary>
    /// <exception cref="BootFormatException">There are too many profiles.</exception>
    internal static UnifiedKernelImage Read(ReadOnlyMemory<byte> file, PeView pe)
    {
        var sections = new List<UnifiedKernelSection>();
        int profile = -1;
        foreach (SectionHeader header in pe.Sections)
        {
            string name = NameOf(header);
            if (!UnifiedKernelSection.IsPart(name))
                continue;
            if (name == ProfileSection && ++profile == MaximumProfiles)
            {
                string most = FormattableString.Invariant($"at most {MaximumProfiles} sections {ProfileSection}");
                throw new BootFormatException(BootErrorCode.TooLarge, "unified kernel image", "", null, most, "more");
            }

            sections.Add(UnifiedKernelSection.Read(file, name, header, profile, sections.Count == 0 ? null : sections[^1]));
        }

        ImmutableArray<UnifiedKernelSection> all = [.. sections];
        int count = Math.Max(1, profile + 1);
        return new UnifiedKernelImage(all, [.. Enumerable.Range(0, count).Select(index => new UnifiedKernelProfile(index, all))]);
    }
}
