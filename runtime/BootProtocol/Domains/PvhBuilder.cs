using System.Collections.Immutable;
using System.Globalization;
using BootProtocol.Kernels;
using BootProtocol.Memory;
using BootProtocol.Rules;
using BootProtocol.X86;

namespace BootProtocol.Domains;

/// <summary>Builds guests that start by their PVH entry: 32-bit protected mode, no paging, <c>ebx</c> at hvm_start_info.</summary>
/// <remarks>
/// <para>
/// What is not asked for is laid out byte for byte as by Xen's own domain builder, libxenguest. Sources: Xen's docs/misc/pvh.pandoc and its
/// public headers arch-x86/hvm/start_info.h and elfnote.h.
/// </para>
/// <para>
/// Linux reads hvm_start_info and all that belongs to it through a map of its first GiB, so these go there; it takes the first module
/// for its initial ramdisk, and overlooks others; it takes the lower 32 bits of the module's address, and PVH puts everything below 4 GiB.
/// Without a memory map, as in version 0, it asks the hypervisor for one.
/// </para>
/// </remarks>
/// <example><code>
/// var builder = new PvhBuilder { MemorySize = 128 &lt;&lt; 20, CommandLine = "console=ttyS0", Modules = [new PvhModule(new byte[4096])] };
/// using PvhDomain guest = builder.Build(kernel);
/// Console.WriteLine($"entered at {guest.Cpu.InstructionPointer}, hvm_start_info at {guest.StartInfoAddress}");
/// </code></example>
public sealed class PvhBuilder : DomainBuilder
{
    // Linux copies the map to a table of 128 entries, by a number of 8 bits, and adds one for the hole below 1 MiB.
    private const int LinuxMapEntries = 127;

    private static readonly Paddr _lowest = new(1 << 20);
    private static readonly Paddr _linuxEnd = new(1 << 30);
    private static readonly Paddr _end = new(4UL << 30);

    /// <summary>The version of hvm_start_info: 0, or 1 for one with a memory map.</summary>
    public int Version { get; init; } = 1;

    /// <summary>More modules, behind the initial ramdisk if there is one.</summary>
    public ImmutableArray<PvhModule> Modules { get; init; } = [];

    /// <summary>Where the ACPI root pointer is; 0 if there is none.</summary>
    public Paddr AcpiRsdp { get; init; }

    /// <summary>
    /// Where the kernel's first byte shall go: its note PHYS32_RELOC must allow it. Null for where it was linked, or, where that is no
    /// memory, for the lowest place that the note allows.
    /// </summary>
    public Paddr? KernelAddress { get; init; }

    /// <summary>What the guest's physical addresses hold; null for a plain PC with that much <see cref="DomainBuilder.MemorySize"/>.</summary>
    public MemoryMap? Map { get; init; }

    /// <summary>Builds a guest.</summary>
    /// <param name="kernel">Its kernel, whose image must be open; it is not needed afterwards.</param>
    /// <exception cref="BootException">
    /// The kernel is broken or has no PVH entry, something has no room, or what is asked for is not possible.
    /// </exception>
    public PvhDomain Build(Kernel kernel) => BuildIn(kernel, Build);

    private PvhDomain Build(Kernel kernel, GuestMemory memory)
    {
        // Its notes can stand behind half of the kernel: they are read where it is decoded to, so that it is decoded once.
        Paddr linked = XenGuestParameters.PhysicalRange(kernel.Elf).Start;
        using KernelPlacer placer = KernelPlacer.Decode(kernel, memory, KernelAddress is { } wish ? unchecked(linked.Value - wish.Value) : 0);
        kernel = placer.Kernel;
        CheckKernel(kernel);
        byte[] commandLine = EncodeCommandLine();
        CommandLineLimit.Of(kernel)?.Check(commandLine.Length);
        bool isMoving = Kaslr.IsRandom || Kaslr.Offset != 0;
        PvhEntryNote? note = isMoving ? PvhEntryNote.Find(kernel) : null;
        Layout layout = Map is { } map
            ? Plan(kernel, commandLine, note, map)
            : MemoryNeed.Plan(MemorySize, size => Plan(kernel, commandLine, note, MemoryMap.ForPc(size)));
        if (isMoving)
            placer.RequireRelocations();

        PvhPlacement place = layout.Kernel;
        Paddr entry = kernel.Notes.Xen.Phys32Entry!.Value;
        var placed = new KernelPlacement(
            kernel.Elf.Word, place.Start, placer.Length, linked, place.VirtualOffset, entry.Value - linked.Value + place.Start.Value);
        Memory<byte> image = placer.Place(place.Start, place.VirtualOffset);
        note?.Move(image.Span, place.VirtualOffset);
        layout.Info.Write(memory.Claim(layout.InfoAddress, layout.Info.Length).Span, layout.InfoAddress, layout.Modules, AcpiRsdp);
        CopyModules(memory, layout.Modules);
        return new PvhDomain(memory, layout.Regions, layout.Map, placed)
        {
            Cpu = new CpuState
            {
                IsLongMode = false,
                InstructionPointer = new Paddr(placed.Entry),
                Rbx = layout.InfoAddress.Value,
                Cr0 = (ulong)(Cr0.Pe | Cr0.Et),
            },
            HasOwnMap = Map is not null,
        };
    }

    private Layout Plan(Kernel kernel, byte[] commandLine, PvhEntryNote? note, MemoryMap map)
    {
        bool isLinux = MayBeLinux(kernel);
        PvhStartInfo info = PlanStartInfo(map, commandLine, isLinux);
        ulong highestOffset = ulong.MaxValue;
        while (true)
        {
            var place = PvhPlacement.Choose(kernel, this, map, note is not null, highestOffset);
            try
            {
                return Plan(kernel, place, info, isLinux, map);
            }
            catch (BootException) when (Kaslr.IsRandom && place.VirtualOffset != 0)
            {
                // A kernel that chance puts in the midst of the memory can leave no room for an initrd that has room otherwise.
                highestOffset = place.VirtualOffset - 1;
            }
        }
    }

    private Layout Plan(Kernel kernel, PvhPlacement place, PvhStartInfo info, bool isLinux, MemoryMap map)
    {
        (Paddr start, Paddr end) = XenGuestParameters.PhysicalRange(kernel.Elf);
        bool modulesLast = kernel.Notes.Xen.ModStartPfn == 1;
        var regions = new RegionMap(map);
        Region image = regions.Add(new Region("kernel", place.Start, end.Value - start.Value, place.Reason));
        (Paddr Start, long Length)[] modules = [];
        if (!modulesLast)
            modules = PlaceModules(regions, image);
        Paddr at = PlaceStartInfo(regions, image, info, isLinux, modulesLast);
        if (modulesLast)
            modules = PlaceModules(regions, image);
        return new Layout(map, place, regions, modules, at, info);
    }

    private static void CheckKernel(Kernel kernel)
    {
        if (kernel.BootWays.Single(static way => way.Way == BootWay.Pvh).Reason is { } reason)
            throw new BootRequestException(BootErrorCode.NotPossible, "kernel", "", null, "one that can be started by PVH", $"one that cannot: {reason}");
    }

    /// <summary>Whether nothing in the kernel says that it is another than Linux, which need not say it.</summary>
    private static bool MayBeLinux(Kernel kernel) =>
        kernel.Notes.Xen.GuestOs is not { } name || name.StartsWith("linux", StringComparison.Ordinal);

    private PvhStartInfo PlanStartInfo(MemoryMap map, byte[] commandLine, bool isLinux)
    {
        if (Version is not (0 or 1))
            throw new BootRequestException(BootErrorCode.NotAllowed, "hvm_start_info", "version", 4, "0 or 1", Version.ToString(CultureInfo.InvariantCulture));
        if (Version > 0 && isLinux && map.Ranges.Length > LinuxMapEntries)
        {
            throw new BootRequestException(
                BootErrorCode.TooLarge,
                "hvm_start_info",
                "memmap_entries",
                48,
                $"at most {LinuxMapEntries} ranges, as Linux does not check its own table of them",
                map.Ranges.Length.ToString(CultureInfo.InvariantCulture));
        }

        var lines = ImmutableArray.CreateBuilder<byte[]?>();
        if (InitrdLength > 0)
            lines.Add(null);
        foreach (PvhModule module in Modules)
            lines.Add(module.CommandLine is { } line ? Encode("module command line", line) : null);
        return new PvhStartInfo(Version, commandLine, lines.ToImmutable(), map);
    }

    private Paddr PlaceStartInfo(RegionMap regions, Region kernel, PvhStartInfo info, bool isLinux, bool modulesLast)
    {
        ulong length = (ulong)info.Length;
        Paddr found = TryFind(regions, kernel, length, _linuxEnd)
            ?? Find("hvm_start_info", regions, kernel, length, isLinux ? _linuxEnd : _end);
        bool hasModules = InitrdLength + Modules.Length > 0;
        string reason = found < kernel.Start
            ? "the lowest free place: there is none behind the kernel"
            : $"the first free page behind {(modulesLast || !hasModules ? "the kernel" : "the modules")}, as Xen has it";
        info.AddTo(regions, found, reason);
        return found;
    }

    private (Paddr Start, long Length)[] PlaceModules(RegionMap regions, Region kernel)
    {
        var places = new List<(Paddr Start, long Length)>();
        if (InitrdLength > 0)
            Place("initrd", InitrdLength);
        foreach (PvhModule module in Modules)
            Place(string.Create(CultureInfo.InvariantCulture, $"module {places.Count}"), module.Bytes.Length);
        return [.. places];

        void Place(string name, long length)
        {
            if (length is 0 or > int.MaxValue - X86Page.Size)
            {
                string found = string.Create(CultureInfo.InvariantCulture, $"{length} bytes");
                throw new BootRequestException(BootErrorCode.NotAllowed, "hvm_modlist_entry", name, null, "at least one byte, and less than 2 GiB", found);
            }

            Paddr start = Find(name, regions, kernel, (ulong)length, _end);
            string reason = start < kernel.Start
                ? "the lowest free place below 4 GiB: there is none behind the kernel"
                : "the first free page behind the kernel that has room, as Xen has it; below 4 GiB";
            regions.Add(new Region(name, start, (ulong)length, reason));
            places.Add((start, length));
        }
    }

    /// <summary>The first room behind the kernel, or else before it; null if there is none.</summary>
    private static Paddr? TryFind(RegionMap regions, Region kernel, ulong length, Paddr end) =>
        regions.TryFindLowest(length, X86Page.Size, kernel.End, end)
            ?? regions.TryFindLowest(length, X86Page.Size, _lowest, end);

    /// <summary>The first room behind the kernel, or else before it; there has to be one.</summary>
    /// <exception cref="BootException">There is none.</exception>
    private static Paddr Find(string name, RegionMap regions, Region kernel, ulong length, Paddr end) =>
        TryFind(regions, kernel, length, end)
            ?? regions.FindLowest(name, length, X86Page.Size, _lowest, end);

    private void CopyModules(GuestMemory memory, ReadOnlySpan<(Paddr Start, long Length)> places)
    {
        int next = 0;
        if (InitrdLength > 0)
            CopyInitrds(Room(places[next++]));
        foreach (PvhModule module in Modules)
            module.Bytes.Span.CopyTo(Room(places[next++]));

        Span<byte> Room((Paddr Start, long Length) place) => memory.Claim(place.Start, place.Length).Span;
    }

    private sealed record Layout(
        MemoryMap Map, PvhPlacement Kernel, RegionMap Regions, (Paddr Start, long Length)[] Modules, Paddr InfoAddress, PvhStartInfo Info);
}
