using System.Buffers.Binary;
using BootProtocol.Acpi;
using BootProtocol.Kvm.Devices;
using BootProtocol.Specs;

namespace BootProtocol.Kvm.Firmware;

/// <summary>
/// ACPI's tables of a machine: its processors and interrupt controllers, how to switch it off and reset it, and its VIRTIO devices.
/// </summary>
/// <remarks>Nothing here takes a FACS, whose global lock is for firmware that runs beside the guest: there is none.</remarks>
internal static class AcpiTables
{
    /// <summary>Where the root pointer is: the start of what a guest without a boot loader's word searches for it.</summary>
    public const ulong Address = 0xe0000;

    /// <summary>The first address behind what the tables may take.</summary>
    public const ulong End = 0x100000;

    /// <summary>Where every processor has its local APIC.</summary>
    public const uint LocalApic = 0xfee00000;

    /// <summary>Where the IO-APIC is.</summary>
    public const uint IoApic = 0xfec00000;

    /// <summary>The interrupt of ACPI's own events.</summary>
    private const byte EventInterrupt = 9;

    private const int Alignment = 16;

    /// <summary>Writes the tables.</summary>
    /// <param name="vcpus">How many processors there are; their APIC ids count from 0 on.</param>
    /// <param name="devices">The VIRTIO devices: address, bytes, interrupt.</param>
    /// <returns>The bytes from <see cref="Address"/> on.</returns>
    public static byte[] Create(int vcpus, IReadOnlyList<(uint Start, uint Length, uint Interrupt)> devices)
    {
        var all = new List<byte>(new byte[Align(AcpiRsdp.Layout.Size)]);
        uint dsdt = Place(all, Table("DSDT", 2, Description(devices)));
        uint fadt = Place(all, Fixed(dsdt));
        uint madt = Place(all, Controllers(vcpus));
        byte[] tables = new byte[2 * sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(tables, fadt);
        BinaryPrimitives.WriteUInt64LittleEndian(tables.AsSpan(sizeof(ulong)), madt);
        uint xsdt = Place(all, Table("XSDT", 1, tables));
        byte[] bytes = [.. all];
        WriteRoot(bytes, xsdt);
        return bytes;
    }

    private static byte[] Description(IReadOnlyList<(uint Start, uint Length, uint Interrupt)> devices)
    {
        AmlWriter aml = new AmlWriter().Name("_S5_", 5, 0, 0, 0);
        aml.Scope("_SB_", scope =>
        {
            for (int i = 0; i < devices.Count; i++)
            {
                (uint start, uint length, uint interrupt) = devices[i];
                scope.Device($"VR{i:X2}", device => device
                    .Name("_HID", "LNRO0005")
                    .Name("_UID", (uint)i)
                    .Name("_CCA", 1u)
                    .Resources(start, length, interrupt));
            }
        });
        return aml.ToArray();
    }

    private static byte[] Fixed(uint dsdt)
    {
        byte[] table = new byte[AcpiFadt.Layout.Size];
        AcpiFadt.Writer fadt = AcpiFadt.Create(table);
        fadt.Dsdt = new Paddr(dsdt);
        fadt.SciInterrupt = EventInterrupt;
        fadt.Pm1AEventBlock = PowerPorts.EventPort;
        fadt.Pm1AControlBlock = PowerPorts.ControlPort;
        fadt.Pm1EventLength = 4;
        fadt.Pm1ControlLength = 2;
        fadt.Level2Latency = ushort.MaxValue;
        fadt.Level3Latency = ushort.MaxValue;
        fadt.Century = 0x32;
        fadt.BootArchitecture = AcpiBootArchFlags.LegacyDevices | AcpiBootArchFlags.NoVga | AcpiBootArchFlags.NoMessageInterrupts;
        fadt.FixedFlags = AcpiFadtFlags.Wbinvd | AcpiFadtFlags.ProcessorC1 | AcpiFadtFlags.NoPowerButton | AcpiFadtFlags.NoSleepButton
            | AcpiFadtFlags.NoFixedClock | AcpiFadtFlags.HasResetRegister | AcpiFadtFlags.Headless;
        Port(fadt.ResetRegister, 0xcf9, AcpiAccessSize.Byte, 8);
        fadt.ResetValue = 6;
        fadt.MinorVersion = 5;
        fadt.XDsdt = new Paddr(dsdt);
        Port(fadt.Pm1AEvent, PowerPorts.EventPort, AcpiAccessSize.Word, 32);
        Port(fadt.Pm1AControl, PowerPorts.ControlPort, AcpiAccessSize.Word, 16);
        Seal(table, "FACP", 6);
        return table;
    }

    private static void Port(AcpiGenericAddress.Writer register, ushort port, AcpiAccessSize access, byte bits)
    {
        register.SpaceId = AcpiAddressSpace.SystemIo;
        register.BitWidth = bits;
        register.AccessWidth = access;
        register.Address = port;
    }

    private static byte[] Controllers(int vcpus)
    {
        int fixedPart = AcpiMadt.Layout.Size;
        byte[] table = new byte[fixedPart + (vcpus * AcpiMadtLocalApic.Layout.Size) + AcpiMadtIoApic.Layout.Size + AcpiMadtInterruptOverride.Layout.Size];
        AcpiMadt.Writer madt = AcpiMadt.Create(table.AsSpan(0, fixedPart));
        madt.LocalApicAddress = new Paddr(LocalApic);
        madt.ControllerFlags = AcpiMadtFlags.DualPic;
        Span<byte> rest = table.AsSpan(fixedPart);
        for (int i = 0; i < vcpus; i++)
        {
            AcpiMadtLocalApic.Writer local = AcpiMadtLocalApic.Create(rest[..AcpiMadtLocalApic.Layout.Size]);
            local.Kind = AcpiMadtType.LocalApic;
            local.Length = (byte)AcpiMadtLocalApic.Layout.Size;
            local.ProcessorUid = (byte)i;
            local.ApicId = (byte)i;
            local.ProcessorFlags = AcpiMadtProcessorFlags.Enabled;
            rest = rest[AcpiMadtLocalApic.Layout.Size..];
        }

        AcpiMadtIoApic.Writer io = AcpiMadtIoApic.Create(rest[..AcpiMadtIoApic.Layout.Size]);
        io.Kind = AcpiMadtType.IoApic;
        io.Length = (byte)AcpiMadtIoApic.Layout.Size;
        io.Address = new Paddr(IoApic);

        // KVM has the timer at input 0 of its IO-APIC: the usual override of interrupt 0 would be wrong.
        AcpiMadtInterruptOverride.Writer events = AcpiMadtInterruptOverride.Create(rest[AcpiMadtIoApic.Layout.Size..]);
        events.Kind = AcpiMadtType.InterruptOverride;
        events.Length = (byte)AcpiMadtInterruptOverride.Layout.Size;
        events.Source = EventInterrupt;
        events.GlobalInterrupt = EventInterrupt;
        events.LineFlags = default(AcpiInterruptFlags).WithPolarity(AcpiPolarity.ActiveHigh).WithTrigger(AcpiTrigger.Level);
        Seal(table, "APIC", 5);
        return table;
    }

    private static void WriteRoot(Span<byte> bytes, uint xsdt)
    {
        Span<byte> root = bytes[..AcpiRsdp.Layout.Size];
        AcpiRsdp.Writer rsdp = AcpiRsdp.Create(root);
        rsdp.SetOemId("BOOTPR"u8);
        rsdp.Revision = 2;
        rsdp.Length = (uint)AcpiRsdp.Layout.Size;
        rsdp.XsdtAddress = new Paddr(xsdt);
        rsdp.WriteChecksums();
    }

    private static byte[] Table(string signature, byte revision, ReadOnlySpan<byte> body)
    {
        byte[] table = new byte[AcpiTableHeader.Layout.Size + body.Length];
        body.CopyTo(table.AsSpan(AcpiTableHeader.Layout.Size));
        Seal(table, signature, revision);
        return table;
    }

    /// <summary>Writes the head of a table whose other bytes are there.</summary>
    private static void Seal(Span<byte> table, string signature, byte revision)
    {
        AcpiTableHeader.Writer header = AcpiTableHeader.Edit(table[..AcpiTableHeader.Layout.Size]);
        header.SetSignature(signature);
        header.Length = (uint)table.Length;
        header.Revision = revision;
        header.SetOemId("BOOTPR");
        header.SetOemTableId("BOOTPROT");
        header.OemRevision = 1;
        header.SetCreatorId("BOOT");
        header.CreatorRevision = 1;
        SpecRules.WriteChecksums(AcpiTable.Layout.Info, table);
    }

    private static uint Place(List<byte> all, byte[] table)
    {
        all.AddRange(new byte[Align(all.Count) - all.Count]);
        uint address = (uint)Address + (uint)all.Count;
        all.AddRange(table);
        return address;
    }

    private static int Align(int length) => (length + Alignment - 1) & -Alignment;
}
