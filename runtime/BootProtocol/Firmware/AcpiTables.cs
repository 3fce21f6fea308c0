using System.Buffers.Binary;
using BootProtocol.Acpi;
using BootProtocol.Specs;

namespace BootProtocol.Firmware;

/// <summary>
/// ACPI's tables of a virtual machine: its processors and interrupt controllers, how to switch it off and reset it, and its VIRTIO devices.
/// </summary>
/// <remarks>
/// Nothing here takes a FACS, whose global lock is for firmware that runs beside the guest: there is none. A machine that is no PC has the
/// flag of reduced hardware. Source: ACPI 6.5, chapter 5 "ACPI Software Programming Model".
/// </remarks>
/// <example><code>
/// byte[] tables = AcpiTables.Create(new AcpiMachine { Address = new Paddr(0xe0000), Power = new AcpiPower(0x600, 0x604) });
/// AcpiRsdp root = AcpiRsdp.Parse(tables.AsSpan(0, AcpiRsdp.Layout.Size));
/// Console.WriteLine($"root pointer of revision {root.Revision}, XSDT at {root.XsdtAddress}");
/// </code></example>
public static class AcpiTables
{
    /// <summary>Where every processor has its local APIC.</summary>
    public static Paddr LocalApic => new(0xfee00000);

    /// <summary>Where a PC has its IO-APIC.</summary>
    public static Paddr IoApic => new(0xfec00000);

    /// <summary>The interrupt of ACPI's own events.</summary>
    private const byte EventInterrupt = 9;

    private const int Alignment = 16;

    /// <summary>The most devices, whose names have two digits.</summary>
    private const int MaximumDevices = 256;

    /// <summary>Writes the tables.</summary>
    /// <param name="machine">What they describe.</param>
    /// <returns>The bytes from <see cref="AcpiMachine.Address"/> on.</returns>
    /// <exception cref="ArgumentException">
    /// There are no processors, or some of them cannot have a local APIC's id of 8 bits of their own; there are more than 256 devices; the
    /// tables would not end below 4 GiB.
    /// </exception>
    public static byte[] Create(AcpiMachine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(machine.Processors, nameof(machine));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(machine.ApicIdStep, nameof(machine));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((long)(machine.Processors - 1) * machine.ApicIdStep, byte.MaxValue, nameof(machine));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(machine.Devices.Length, MaximumDevices, nameof(machine));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(machine.Address.Value, uint.MaxValue, nameof(machine));
        var all = new List<byte>(new byte[Align(AcpiRsdp.Layout.Size)]);
        uint start = (uint)machine.Address.Value;
        uint dsdt = Place(all, start, Table("DSDT", 2, Description(machine)));
        uint fadt = Place(all, start, Fixed(dsdt, machine.Power));
        uint madt = Place(all, start, Controllers(machine));
        byte[] tables = new byte[2 * sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(tables, fadt);
        BinaryPrimitives.WriteUInt64LittleEndian(tables.AsSpan(sizeof(ulong)), madt);
        uint xsdt = Place(all, start, Table("XSDT", 1, tables));
        byte[] bytes = [.. all];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(machine.Address.Value + (ulong)bytes.Length, uint.MaxValue, nameof(machine));
        WriteRoot(bytes, xsdt);
        return bytes;
    }

    private static byte[] Description(AcpiMachine machine)
    {
        AmlWriter aml = machine.Power is null ? new AmlWriter() : new AmlWriter().Name("_S5_", 5, 0, 0, 0);
        aml.Scope("_SB_", scope =>
        {
            for (int i = 0; i < machine.Devices.Length; i++)
            {
                (uint start, uint length, uint interrupt) = machine.Devices[i];
                scope.Device($"VR{i:X2}", device => device
                    .Name("_HID", "LNRO0005")
                    .Name("_UID", (uint)i)
                    .Name("_CCA", 1u)
                    .Resources(start, length, interrupt));
            }
        });
        return aml.ToArray();
    }

    private static byte[] Fixed(uint dsdt, AcpiPower? power)
    {
        byte[] table = new byte[AcpiFadt.Layout.Size];
        AcpiFadt.Writer fadt = AcpiFadt.Create(table);
        fadt.Dsdt = new Paddr(dsdt);
        fadt.XDsdt = new Paddr(dsdt);
        fadt.MinorVersion = 5;
        fadt.Level2Latency = ushort.MaxValue;
        fadt.Level3Latency = ushort.MaxValue;
        bool isPc = power is not null;
        fadt.BootArchitecture = AcpiBootArchFlags.NoVga | AcpiBootArchFlags.NoMessageInterrupts
            | (isPc ? AcpiBootArchFlags.LegacyDevices : AcpiBootArchFlags.NoRealTimeClock);
        fadt.FixedFlags = AcpiFadtFlags.Wbinvd | AcpiFadtFlags.ProcessorC1 | AcpiFadtFlags.NoPowerButton | AcpiFadtFlags.NoSleepButton
            | AcpiFadtFlags.NoFixedClock | AcpiFadtFlags.Headless | (isPc ? AcpiFadtFlags.HasResetRegister : AcpiFadtFlags.ReducedHardware);
        if (power is not null)
            WritePcRegisters(fadt, power);
        Seal(table, "FACP", 6);
        return table;
    }

    private static void WritePcRegisters(AcpiFadt.Writer fadt, AcpiPower power)
    {
        fadt.SciInterrupt = EventInterrupt;
        fadt.Pm1AEventBlock = power.EventPort;
        fadt.Pm1AControlBlock = power.ControlPort;
        fadt.Pm1EventLength = 4;
        fadt.Pm1ControlLength = 2;
        fadt.Century = 0x32;
        Port(fadt.ResetRegister, 0xcf9, AcpiAccessSize.Byte, 8);
        fadt.ResetValue = 6;
        Port(fadt.Pm1AEvent, power.EventPort, AcpiAccessSize.Word, 32);
        Port(fadt.Pm1AControl, power.ControlPort, AcpiAccessSize.Word, 16);
    }

    private static void Port(AcpiGenericAddress.Writer register, ushort port, AcpiAccessSize access, byte bits)
    {
        register.SpaceId = AcpiAddressSpace.SystemIo;
        register.BitWidth = bits;
        register.AccessWidth = access;
        register.Address = port;
    }

    private static byte[] Controllers(AcpiMachine machine)
    {
        int fixedPart = AcpiMadt.Layout.Size;
        int pcPart = machine.Power is null ? 0 : AcpiMadtIoApic.Layout.Size + AcpiMadtInterruptOverride.Layout.Size;
        byte[] table = new byte[fixedPart + (machine.Processors * AcpiMadtLocalApic.Layout.Size) + pcPart];
        AcpiMadt.Writer madt = AcpiMadt.Create(table.AsSpan(0, fixedPart));
        madt.LocalApicAddress = LocalApic;
        Span<byte> rest = table.AsSpan(fixedPart);
        for (int i = 0; i < machine.Processors; i++)
        {
            AcpiMadtLocalApic.Writer local = AcpiMadtLocalApic.Create(rest[..AcpiMadtLocalApic.Layout.Size]);
            local.Kind = AcpiMadtType.LocalApic;
            local.Length = (byte)AcpiMadtLocalApic.Layout.Size;
            local.ProcessorUid = (byte)i;
            local.ApicId = (byte)(i * machine.ApicIdStep);
            local.ProcessorFlags = AcpiMadtProcessorFlags.Enabled;
            rest = rest[AcpiMadtLocalApic.Layout.Size..];
        }

        if (machine.Power is not null)
        {
            madt.ControllerFlags = AcpiMadtFlags.DualPic;
            WriteIoApic(rest);
        }

        Seal(table, "APIC", 5);
        return table;
    }

    private static void WriteIoApic(Span<byte> rest)
    {
        AcpiMadtIoApic.Writer io = AcpiMadtIoApic.Create(rest[..AcpiMadtIoApic.Layout.Size]);
        io.Kind = AcpiMadtType.IoApic;
        io.Length = (byte)AcpiMadtIoApic.Layout.Size;
        io.Address = IoApic;

        // KVM has the timer at input 0 of its IO-APIC: the usual override of interrupt 0 would be wrong.
        AcpiMadtInterruptOverride.Writer events = AcpiMadtInterruptOverride.Create(rest[AcpiMadtIoApic.Layout.Size..]);
        events.Kind = AcpiMadtType.InterruptOverride;
        events.Length = (byte)AcpiMadtInterruptOverride.Layout.Size;
        events.Source = EventInterrupt;
        events.GlobalInterrupt = EventInterrupt;
        events.LineFlags = default(AcpiInterruptFlags).WithPolarity(AcpiPolarity.ActiveHigh).WithTrigger(AcpiTrigger.Level);
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

    private static uint Place(List<byte> all, uint start, byte[] table)
    {
        all.AddRange(new byte[Align(all.Count) - all.Count]);
        uint address = start + (uint)all.Count;
        all.AddRange(table);
        return address;
    }

    private static int Align(int length) => (length + Alignment - 1) & -Alignment;
}
