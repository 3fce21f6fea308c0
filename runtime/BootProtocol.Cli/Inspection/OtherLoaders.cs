using System.Collections.Immutable;
using BootProtocol.Images;
using BootProtocol.Multiboot;
using BootProtocol.Pe;
using BootProtocol.Specs;

namespace BootProtocol.Cli.Inspection;

/// <summary>What else starts an image, by an entry that none of the ways of this library uses.</summary>
internal static class OtherLoaders
{
    /// <summary>Finds them.</summary>
    /// <returns>The name for programs, and what it is for people, of each.</returns>
    public static ImmutableArray<(string Name, string Text)> Find(ImageInspection inspection)
    {
        ImmutableArray<(string Name, string Text)>.Builder found = ImmutableArray.CreateBuilder<(string Name, string Text)>();
        if (inspection.Opened.PeImage.TryGetPe(out PeView pe) && SubsystemOf(pe) is { } subsystem)
        {
            string processor = Processor(pe.Header.Machine);
            if (subsystem == PeSubsystem.EfiApplication)
                found.Add(("uefi", $"UEFI firmware, {processor}"));
            else if (subsystem is PeSubsystem.EfiBootServiceDriver or PeSubsystem.EfiRuntimeDriver)
                found.Add(("uefi-driver", $"UEFI firmware as a driver, {processor}"));
        }

        ImmutableArray<(SpecRecord Header, int Offset)> multiboot = inspection.Kernel?.Multiboot ?? [];
        if (multiboot.Any(static header => header.Header.Structure == MultibootHeader.Layout.Info))
            found.Add(("multiboot", "a Multiboot loader"));
        if (multiboot.Any(static header => header.Header.Structure == Multiboot2Header.Layout.Info))
            found.Add(("multiboot2", "a Multiboot2 loader"));
        return found.ToImmutable();
    }

    private static PeSubsystem? SubsystemOf(PeView pe) =>
        pe.TryGetOptionalHeader64(out Pe32PlusOptionalHeader wide) ? wide.Subsys
        : pe.TryGetOptionalHeader32(out Pe32OptionalHeader narrow) ? narrow.Subsys
        : null;

    /// <summary>The processor as the spec describes it, or its number.</summary>
    private static string Processor(PeMachine machine) =>
        PeMachineLayout.Info.Enumerators.FirstOrDefault(known => known.Value == (ushort)machine)?.Doc.TrimEnd('.') ?? $"machine 0x{(ushort)machine:x}";
}
