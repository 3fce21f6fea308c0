using BootProtocol.Kvm;
using BootProtocol.Kvm.Devices;

namespace BootProtocol.Runtime.Tests.KvmMachines;

/// <summary>The clock, the ports that end a machine, and who gets an access.</summary>
public sealed class DeviceTests : IDisposable
{
    private readonly FakeMachine _machine = new();
    private readonly DeviceBus _bus = new();

    public DeviceTests()
    {
        IPortDevice[] devices = [new RealTimeClock(new FixedTime()), new PowerPorts(), ResetPorts.Keyboard(), ResetPorts.Chipset(), new ExitPort()];
        foreach (IPortDevice device in devices)
            _bus.Add(device);
        _bus.Attach(_machine);
    }

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData(0x00, 0x58)]
    [InlineData(0x02, 0x59)]
    [InlineData(0x04, 0x23)]
    [InlineData(0x06, 0x01)]
    [InlineData(0x07, 0x31)]
    [InlineData(0x08, 0x12)]
    [InlineData(0x09, 0x28)]
    [InlineData(0x32, 0x20)]
    [InlineData(0x0a, 0x26)]
    [InlineData(0x0b, 0x02)]
    [InlineData(0x0d, 0x80)]
    [InlineData(0x10, 0x00)]
    public void The_clock_shows_the_time(byte register, byte value)
    {
        _bus.WritePort(0x70, [(byte)(register | 0x80)]);
        Assert.Equal(value, Read(0x71, 1)[0]);
    }

    [Fact]
    public void Acpi_is_on_and_its_events_keep_what_is_enabled()
    {
        Assert.Equal([1, 0], Read(0x604, 2));
        _bus.WritePort(0x602, [0x20, 0x01]);
        Assert.Equal([0, 0, 0x20, 0x01], Read(0x600, 4));
        _bus.WritePort(0x600, [0xff, 0xff]);
        Assert.Equal([0, 0], Read(0x600, 2));
        _bus.WritePort(0x604, [0x01, 0x14]);
        Assert.Null(_machine.Ended);
    }

    [Theory]
    [InlineData(0x604, new byte[] { 0x00, 0x20 }, KvmEndKind.PowerOff, 0u)]
    [InlineData(0x604, new byte[] { 0x01, 0x34 }, KvmEndKind.PowerOff, 0u)]
    [InlineData(0x64, new byte[] { 0xfe }, KvmEndKind.Reset, 0u)]
    [InlineData(0xcf9, new byte[] { 0x06 }, KvmEndKind.Reset, 0u)]
    [InlineData(0x501, new byte[] { 0x10 }, KvmEndKind.Exit, 0x10u)]
    [InlineData(0x501, new byte[] { 0x34, 0x12 }, KvmEndKind.Exit, 0x1234u)]
    public void Ports_end_the_machine(ushort port, byte[] data, KvmEndKind kind, uint code)
    {
        _bus.WritePort(port, data);
        Assert.Equal(new KvmEnd { Kind = kind, Code = code }, _machine.Ended);
    }

    [Theory]
    [InlineData(0x64, 0xd1)]
    [InlineData(0xcf9, 0x02)]
    [InlineData(0x80, 0xff)]
    public void Other_writes_do_not(ushort port, byte value)
    {
        _bus.WritePort(port, [value]);
        Assert.Null(_machine.Ended);
    }

    [Fact]
    public void Nothing_reads_as_ones() => Assert.Equal([0xff, 0xff, 0xff, 0xff], Read(0xcfc, 4));

    /// <summary>The last two ports of the one before, and two of nobody.</summary>
    [Fact]
    public void An_access_over_an_end_is_taken_apart() => Assert.Equal([1, 0, 0xff, 0xff], Read(0x604, 4));

    [Fact]
    public void The_first_device_of_a_port_gets_it()
    {
        var bus = new DeviceBus();
        var own = new Recorder(0x60, 8);
        bus.Add((IPortDevice)own);
        bus.Add(ResetPorts.Keyboard());
        bus.Attach(_machine);
        bus.WritePort(0x64, [0xfe]);
        Assert.Null(_machine.Ended);
        Assert.Equal(["attach", "write 4: fe"], own.Seen);
    }

    [Fact]
    public void Addresses_lead_to_devices()
    {
        var bus = new DeviceBus();
        var device = new Recorder(0xd0000000, 16);
        bus.Add((IMemoryDevice)device);
        bus.WriteAddress(0xd0000008, [1, 2, 3, 4, 5, 6, 7, 8]);
        byte[] data = new byte[4];
        bus.ReadAddress(0xd000000e, data);
        Assert.Equal([14, 15, 0xff, 0xff], data);
        bus.WriteAddress(ulong.MaxValue, [1, 2]);
        bus.ReadAddress(ulong.MaxValue - 1, data);
        Assert.Equal([0xff, 0xff, 0xff, 0xff], data);
        Assert.Equal(["write 8: 0102030405060708"], device.Seen);
    }

    [Fact]
    public void Ranges_that_are_none_are_refused()
    {
        var bus = new DeviceBus();
        Assert.Throws<ArgumentException>(() => bus.Add((IPortDevice)new Recorder(0xffff, 2)));
        Assert.Throws<ArgumentException>(() => bus.Add((IPortDevice)new Recorder(0, 0)));
        Assert.Throws<ArgumentException>(() => bus.Add((IMemoryDevice)new Recorder(ulong.MaxValue, 2)));
        Assert.Throws<ArgumentException>(() => bus.Add((IMemoryDevice)new Recorder(0, 0)));
    }

    private byte[] Read(ushort port, int length)
    {
        byte[] data = new byte[length];
        _bus.ReadPort(port, data);
        return data;
    }

    /// <summary>A Sunday.</summary>
    private sealed class FixedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2028, 12, 31, 23, 59, 58, TimeSpan.Zero);
    }

    /// <summary>A device that writes down what it is asked; each of its bytes reads as its offset.</summary>
    private sealed class Recorder(ulong start, ulong length) : IPortDevice, IMemoryDevice
    {
        public List<string> Seen { get; } = [];

        public ushort FirstPort => (ushort)start;

        public int PortCount => (int)length;

        public Paddr Start => new(start);

        public ulong Length => length;

        public void Attach(IMachine machine) => Seen.Add("attach");

        public void Read(int offset, Span<byte> data) => Read((ulong)offset, data);

        public void Write(int offset, ReadOnlySpan<byte> data) => Write((ulong)offset, data);

        public void Read(ulong offset, Span<byte> data)
        {
            for (int i = 0; i < data.Length; i++)
                data[i] = (byte)((int)offset + i);
        }

        public void Write(ulong offset, ReadOnlySpan<byte> data) => Seen.Add($"write {offset}: {Convert.ToHexStringLower(data)}");
    }
}
