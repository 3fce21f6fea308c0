using System.Collections.Immutable;
using System.Text;
using BootProtocol.Images;
using BootProtocol.Pe;

namespace BootProtocol.Repack;

/// <summary>Changes unified kernel images.</summary>
internal static class UnifiedKernelEditor
{
    private const string MeasurementSignature = ".pcrsig";
    private const string CommandLine = ".cmdline";
    private const string Initramfs = ".initrd";

    /// <summary>Makes the changed image.</summary>
    /// <inheritdoc cref="ImageRepacker.Repack"/>
    public static RepackedImage Repack(BootImage image, ImageRepacker request)
    {
        int length = request.CheckSignature(image);
        UnifiedKernelImage parts = image.UnifiedKernel!;
        if (parts.Profiles.Length > 1)
        {
            throw Refuse(
                BootErrorCode.Unsupported,
                ".profile",
                "a unified kernel image of one profile: which of several changes could not be said",
                FormattableString.Invariant($"{parts.Profiles.Length}"));
        }

        PayloadPacking? packing = null;
        List<SectionChange> changes = [.. request.Sections.IsDefault ? [] : request.Sections];
        if (request.CommandLine is { } line)
            changes.Add(new SectionChange(CommandLine, Encoding.UTF8.GetBytes(line)));
        if (request.Initramfs is { } archive)
        {
            EmbeddedInitramfs.RequireArchive(archive.Span);
            changes.Add(new SectionChange(Initramfs, archive));
        }

        if (request.Vmlinux is not null)
        {
            RepackedImage kernel = ChangedKernel(image, request);
            packing = kernel.Packing;
            changes.Add(new SectionChange(UnifiedKernelImage.KernelSection, kernel.ToArray()));
        }

        AddMeasurementSignature(parts, changes, request);
        bool hasChecksum = image.TryGetPe(out PeView pe) && image.Bytes.Slice((int)pe.ChecksumOffset, sizeof(uint)).ContainsAnyExcept((byte)0);
        var editor = new PeEditor(image.Memory[..length]);
        var seen = new HashSet<string>();
        foreach (SectionChange change in changes)
        {
            if (!seen.Add(change.Name))
                throw Refuse(BootErrorCode.NotAllowed, change.Name, "one change of a section", "two");
            Apply(editor, change);
        }

        return new RepackedImage(editor.Build(hasChecksum), packing);
    }

    /// <summary>The kernel image in it, with another kernel.</summary>
    private static RepackedImage ChangedKernel(BootImage image, ImageRepacker request)
    {
        var inner = new ImageRepacker { Vmlinux = request.Vmlinux, StripSignature = request.StripSignature, Cancellation = request.Cancellation };
        return image.Inner is { Kind: not ImageKind.UnifiedKernel } kernel
            ? inner.Repack(kernel)
            : throw Refuse(BootErrorCode.Unsupported, UnifiedKernelImage.KernelSection, "a kernel image", "another");
    }

    /// <summary>What signs the measurements of the parts holds no longer when one of them changes.</summary>
    private static void AddMeasurementSignature(UnifiedKernelImage parts, List<SectionChange> changes, ImageRepacker request)
    {
        if (changes.Exists(static change => change.Name == MeasurementSignature) || !parts.Sections.Any(static part => part.Name == MeasurementSignature))
            return;
        if (request.StripSignature)
            changes.Add(new SectionChange(MeasurementSignature, null));
        else if (changes.Count > 0)
            throw Refuse(BootErrorCode.NotAllowed, MeasurementSignature, "an image without a signature of its measurements, or that it may be stripped", "one");
    }

    private static void Apply(PeEditor editor, SectionChange change)
    {
        if (!UnifiedKernelSection.IsPart(change.Name))
        {
            throw Refuse(
                BootErrorCode.NotAllowed, change.Name, "a section that is part of unified kernel images, such as .osrel or .initrd", "another name");
        }

        PeSectionPlan[] found = [.. editor.Sections.Where(section => section.Name == change.Name)];
        if (found.Length > 1)
            throw Refuse(BootErrorCode.Unsupported, change.Name, "one section of this name", FormattableString.Invariant($"{found.Length}"));
        if (change.Contents is not { } contents)
        {
            if (change.Name == UnifiedKernelImage.KernelSection)
                throw Refuse(BootErrorCode.NotAllowed, change.Name, "a unified kernel image that has a kernel afterwards", "its removal");
            if (found.Length == 0)
                throw Refuse(BootErrorCode.Missing, change.Name, "a section of this name to remove", "none");
            editor.Sections.Remove(found[0]);
        }
        else if (change.Name == UnifiedKernelImage.KernelSection && !IsProgram(contents))
        {
            throw Refuse(BootErrorCode.WrongMagic, change.Name, "a kernel image: a bzImage or an EFI program", "another file");
        }
        else if (found.Length == 1)
        {
            found[0].Replace(contents, MemorySizeOf(found[0], contents));
        }
        else
        {
            editor.Sections.Add(new PeSectionPlan(change.Name, contents));
        }
    }

    private static bool IsProgram(ReadOnlyMemory<byte> contents)
    {
        if (PeView.TryFind(contents.Span, out _))
            return true;
        try
        {
            using var image = BootImage.Open(contents);
            return image.IsLinux;
        }
        catch (BootFormatException)
        {
            return false;
        }
    }

    /// <summary>
    /// Bytes in memory of what takes a section's place: its own, all of which are measured. A kernel that is to run where it is loaded has more
    /// than the file, as its own headers say.
    /// </summary>
    private static uint MemorySizeOf(PeSectionPlan section, ReadOnlyMemory<byte> contents)
    {
        uint length = (uint)contents.Length;
        if (section.Name != UnifiedKernelImage.KernelSection || section.VirtualSize <= section.OldLength)
            return length;
        uint own = PeView.TryFind(contents.Span, out PeView pe) switch
        {
            true when pe.TryGetOptionalHeader64(out Pe32PlusOptionalHeader wide) => wide.ImageSize,
            true when pe.TryGetOptionalHeader32(out Pe32OptionalHeader narrow) => narrow.ImageSize,
            _ => (uint)section.VirtualSize,
        };
        return Math.Max(length, own);
    }

    private static BootRequestException Refuse(BootErrorCode code, string section, string expected, string found) =>
        new(code, $"section {section}", "", null, expected, found);
}
