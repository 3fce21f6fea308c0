using System.Text;
using BootProtocol.Acpi;
using BootProtocol.Firmware;
using BootProtocol.Kvm;

namespace BootProtocol.Runtime.Tests.Firmware;

/// <summary>The ACPI tables, followed from the root pointer on as a guest does.</summary>
public sealed class AcpiTablesTests
{
    private const ulong Base = MachinePlan.TablesStart;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(254, 8)]
    public void Tables_are_found_and_sum_up(int vcpus, int disks)
    {
        byte[] bytes = AcpiTables.Create(MachinePlan.Describe(new KvmMachineOptions { Vcpus = vcpus, Disks = [.. new KvmDisk[disks]] }));
        Assert.True(bytes.Length <= (int)(MachinePlan.RomEnd - Base));
        Assert.Equal("RSD PTR ", Encoding.ASCII.GetString(bytes, 0, 8));
        Assert.Equal(0, Sum(bytes.AsSpan(0, 20)));
        Assert.Equal(0, Sum(bytes.AsSpan(0, 36)));
        AcpiRsdp root = AcpiRsdp.Parse(bytes.AsSpan(0, AcpiRsdp.Layout.Size));
        Assert.Equal((2, 36u), (root.Revision, root.Length));

        byte[] xsdt = Table(bytes, root.XsdtAddress.Value, "XSDT");
        ulong[] addresses = [.. Enumerable.Range(0, (xsdt.Length - 36) / 8).Select(i => BitConverter.ToUInt64(xsdt, 36 + (8 * i)))];
        Assert.Equal(2, addresses.Length);
        AcpiFadt fadt = AcpiFadt.Parse(Table(bytes, addresses[0], "FACP"));
        Assert.Equal((0x600u, 0x604u, 0x604ul), (fadt.Pm1AEventBlock, fadt.Pm1AControlBlock, fadt.Pm1AControl.Address));
        Assert.Equal((0xcf9ul, 6), (fadt.ResetRegister.Address, fadt.ResetValue));
        Assert.Equal(0u, fadt.SmiCommand);
        Assert.Equal(fadt.Dsdt.Value, fadt.XDsdt.Value);
        CheckControllers(Table(bytes, addresses[1], "APIC"), vcpus);

        string names = Encoding.Latin1.GetString(Table(bytes, fadt.XDsdt.Value, "DSDT"));
        Assert.Contains("\u0008_S5_\u0012\u0007\u0004\n\u0005\0\0\0", names, StringComparison.Ordinal);
        Assert.Equal(disks, names.Split("LNRO0005\0").Length - 1);
    }

    /// <summary>Local APICs alone, as a PVH domain of Xen has them.</summary>
    [Fact]
    public void Machine_that_is_no_PC_has_processors_alone()
    {
        byte[] bytes = AcpiTables.Create(new AcpiMachine { Address = new Paddr(Base), Processors = 3, ApicIdStep = 2 });
        byte[] xsdt = Table(bytes, AcpiRsdp.Parse(bytes.AsSpan(0, AcpiRsdp.Layout.Size)).XsdtAddress.Value, "XSDT");
        AcpiFadt fadt = AcpiFadt.Parse(Table(bytes, BitConverter.ToUInt64(xsdt, 36), "FACP"));
        Assert.True(fadt.FixedFlags.HasFlag(AcpiFadtFlags.ReducedHardware));
        Assert.False(fadt.FixedFlags.HasFlag(AcpiFadtFlags.HasResetRegister));
        Assert.True(fadt.BootArchitecture.HasFlag(AcpiBootArchFlags.NoRealTimeClock));
        Assert.Equal((0u, 0u, 0ul), (fadt.Pm1AEventBlock, fadt.Pm1AControlBlock, fadt.ResetRegister.Address));
        byte[] madt = Table(bytes, BitConverter.ToUInt64(xsdt, 44), "APIC");
        Assert.Equal(default, AcpiMadt.Parse(madt.AsSpan(0, AcpiMadt.Layout.Size)).ControllerFlags);
        for (int i = 0; i < 3; i++)
        {
            AcpiMadtLocalApic local = AcpiMadtLocalApic.Parse(madt.AsSpan(AcpiMadt.Layout.Size + (8 * i), 8));
            Assert.Equal((i, 2 * i), (local.ProcessorUid, local.ApicId));
        }

        Assert.Equal(AcpiMadt.Layout.Size + (3 * 8), madt.Length);
        Assert.DoesNotContain("_S5_", Encoding.Latin1.GetString(Table(bytes, fadt.XDsdt.Value, "DSDT")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(256, 1)]
    [InlineData(129, 2)]
    [InlineData(2, 0)]
    [InlineData(2, -1)]
    public void Processors_without_an_id_are_refused(int processors, int step) =>
        Assert.ThrowsAny<ArgumentException>(
            () => AcpiTables.Create(new AcpiMachine { Address = new Paddr(Base), Processors = processors, ApicIdStep = step }));

    [Theory]
    [InlineData(0x100000000ul)]
    [InlineData(0xffffff00ul)]
    public void Tables_above_4_GiB_are_refused(ulong address) =>
        Assert.ThrowsAny<ArgumentException>(() => AcpiTables.Create(new AcpiMachine { Address = new Paddr(address) }));

    [Fact]
    public void Devices_without_a_name_are_refused()
    {
        AcpiMachine machine = new() { Address = new Paddr(Base), Devices = [.. new AcpiDevice[256]] };
        Assert.NotEmpty(AcpiTables.Create(machine));
        machine = machine with { Devices = machine.Devices.Add(default) };
        Assert.Equal("machine", Assert.ThrowsAny<ArgumentException>(() => AcpiTables.Create(machine)).ParamName);
    }

    /// <summary>A package length of one, two and three bytes: what is inside is as long as it says.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(20, 2)]
    [InlineData(1100, 3)]
    public void Lengths_count_themselves(int names, int lengthBytes)
    {
        byte[] aml = new AmlWriter().Scope("_SB_", scope =>
        {
            for (int i = 0; i < names; i++)
                scope.Name("NAME", 1u);
        }).ToArray();
        int length = lengthBytes == 1 ? aml[1] : (aml[1] & 0xf) | (aml[2] << 4) | (lengthBytes == 3 ? aml[3] << 12 : 0);
        Assert.Equal(lengthBytes - 1, aml[1] >> 6);
        Assert.Equal(aml.Length - 1, length);
        Assert.Equal("_SB_", Encoding.ASCII.GetString(aml, 1 + lengthBytes, 4));
    }

    [Theory]
    [InlineData(0u, new byte[] { 0 })]
    [InlineData(1u, new byte[] { 1 })]
    [InlineData(0xffu, new byte[] { 0x0a, 0xff })]
    [InlineData(0x1234u, new byte[] { 0x0b, 0x34, 0x12 })]
    [InlineData(0x12345678u, new byte[] { 0x0c, 0x78, 0x56, 0x34, 0x12 })]
    public void Numbers_are_as_short_as_they_can_be(uint number, byte[] expected) =>
        Assert.Equal(expected, new AmlWriter().Name("NAME", number).ToArray()[5..]);

    private static void CheckControllers(byte[] table, int vcpus)
    {
        var kinds = new List<AcpiMadtType>();
        for (int at = AcpiMadt.Layout.Size; at < table.Length; at += table[at + 1])
        {
            kinds.Add((AcpiMadtType)table[at]);
            if (kinds[^1] == AcpiMadtType.LocalApic)
                Assert.Equal(kinds.Count - 1, AcpiMadtLocalApic.Parse(table.AsSpan(at, 8)).ApicId);
        }

        Assert.Equal(
            [.. Enumerable.Repeat(AcpiMadtType.LocalApic, vcpus), AcpiMadtType.IoApic, AcpiMadtType.InterruptOverride], kinds);
    }

    private static byte[] Table(byte[] bytes, ulong address, string signature)
    {
        int at = (int)(address - Base);
        AcpiTableHeader header = AcpiTableHeader.Parse(bytes.AsSpan(at, AcpiTableHeader.Layout.Size));
        Assert.Equal(signature, Encoding.ASCII.GetString(bytes, at, 4));
        byte[] table = bytes.AsSpan(at, (int)header.Length).ToArray();
        Assert.Equal(0, Sum(table));
        return table;
    }

    private static byte Sum(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        foreach (byte value in bytes)
            sum += value;
        return sum;
    }
}
