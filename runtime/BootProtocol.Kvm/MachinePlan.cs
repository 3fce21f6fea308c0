using System.Globalization;
using BootProtocol.Domains;
using BootProtocol.Firmware;
using BootProtocol.Kvm.Devices;

namespace BootProtocol.Kvm;

/// <summary>Where things stand in a machine, and whether a domain and options go together. Nothing of the system is asked.</summary>
internal static class MachinePlan
{
    /// <summary>Where a PC has its ROM.</summary>
    public const ulong RomStart = 0xc0000;

    /// <summary>Where the ACPI root pointer is: the start of what a guest without a boot loader's word searches for it.</summary>
    public const ulong TablesStart = 0xe0000;

    /// <summary>The first address behind it.</summary>
    public const ulong RomEnd = 0x100000;

    /// <summary>Four pages that Intel's processors need for real mode: the last one of page tables, three of a task state.</summary>
    public const ulong RealModePages = 0xfeffc000;

    /// <summary>The first disk's registers; those of the others follow, a page each.</summary>
    public const uint FirstDisk = 0xd0000000;

    /// <summary>The first disk's interrupt.</summary>
    public const int FirstDiskInterrupt = 16;

    /// <summary>The console's registers, behind those of the disks.</summary>
    public const uint Console = FirstDisk + (KvmMachineOptions.MostDisks * (uint)X86Page.Size);

    /// <summary>The console's interrupt: none of the disks', and no device of a PC that is here has it.</summary>
    public const int ConsoleInterrupt = 10;

    private const ulong FourGigabytes = 1UL << 32;

    /// <summary>Checks a domain and options against each other.</summary>
    /// <returns>The domain's memory.</returns>
    /// <exception cref="BootRequestException">They do not go together.</exception>
    public static KvmMemory Check(Domain domain, KvmMachineOptions options)
    {
        if (domain.Memory is not KvmMemory memory)
            throw Refuse("memory", "a domain that was built in a KvmMemory", domain.Memory.GetType().Name);
        if (!KvmMemory.Ram(domain.Map).SequenceEqual(memory.Blocks.Select(static block => (block.Start, block.Start + block.Bytes.Length))))
            throw Refuse("memory", "the ranges of RAM of the domain's memory map", "others");
        if (options.Vcpus is < 1 or > KvmMachineOptions.MostVcpus)
            throw Refuse("processors", $"1 to {KvmMachineOptions.MostVcpus}", options.Vcpus.ToString(CultureInfo.InvariantCulture));
        if (options.Disks.Length > KvmMachineOptions.MostDisks)
            throw Refuse("disks", $"at most {KvmMachineOptions.MostDisks}", options.Disks.Length.ToString(CultureInfo.InvariantCulture));
        if (!options.HasAcpi && options.Disks.Length > 0)
            throw Refuse("disks", "ACPI tables, by which a guest finds them", "none");
        if (!options.HasConsole && (options.ConsoleInput ?? options.ConsoleOutput) is not null)
            throw Refuse("console", "HasConsole, with its streams", "streams alone");
        if (!options.HasAcpi && options.HasConsole)
            throw Refuse("console", "ACPI tables, by which a guest finds it", "none");
        bool hasRom = HasRom(memory);
        if (options.HasAcpi && !hasRom)
            throw Refuse("memory map", $"no RAM at 0x{RomStart:x} to 0x{RomEnd - 1:x}, where the ACPI tables are", "some");
        CheckFree(memory, AcpiTables.IoApic.Value, FourGigabytes - AcpiTables.IoApic.Value, "interrupt controllers");
        if (options.Disks.Length > 0)
            CheckFree(memory, FirstDisk, (ulong)options.Disks.Length * X86Page.Size, "disks");
        if (options.HasConsole)
            CheckFree(memory, Console, X86Page.Size, "the console");
        foreach (IMemoryDevice device in options.MemoryDevices)
            CheckFree(memory, device.Start.Value, device.Length, "a device of the caller's");
        return memory;
    }

    /// <summary>Whether there are zeros and tables where a PC has its ROM: the guest has no RAM there.</summary>
    public static bool HasRom(KvmMemory memory) => !Overlaps(memory, RomStart, RomEnd - RomStart);

    /// <summary>Where the disks are.</summary>
    public static AcpiDevice[] Disks(int count) =>
        [
            .. Enumerable.Range(0, count)
                .Select(static i => new AcpiDevice(FirstDisk + (uint)(i * X86Page.Size), (uint)X86Page.Size, (uint)(FirstDiskInterrupt + i))),
        ];

    /// <summary>A machine for its ACPI tables.</summary>
    public static AcpiMachine Describe(KvmMachineOptions options)
    {
        AcpiDevice[] disks = Disks(options.Disks.Length);
        return new AcpiMachine
        {
            Address = new Paddr(TablesStart),
            Processors = options.Vcpus,
            Power = new AcpiPower(PowerPorts.EventPort, PowerPorts.ControlPort),
            Devices = options.HasConsole ? [.. disks, new AcpiDevice(Console, (uint)X86Page.Size, ConsoleInterrupt)] : [.. disks],
        };
    }

    private static void CheckFree(KvmMemory memory, ulong start, ulong length, string use)
    {
        if (Overlaps(memory, start, length))
            throw Refuse("memory map", $"no RAM at 0x{start:x} to 0x{start + length - 1:x}, where {use} are", "some");
    }

    private static bool Overlaps(KvmMemory memory, ulong start, ulong length) =>
        memory.Blocks.Any(block => block.Start < start + length && block.Start + block.Bytes.Length > start);

    private static BootRequestException Refuse(string what, string expected, string found) =>
        new(BootErrorCode.NotAllowed, "machine", what, null, expected, found);
}
