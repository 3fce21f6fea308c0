using System.Text;
using BootProtocol.Kvm.Devices;

namespace BootProtocol.Runtime.Tests.KvmMachines;

/// <summary>The serial port as a driver sees it.</summary>
public sealed class SerialPortTests : IDisposable
{
    private const int Data = 0, Enable = 1, Identification = 2, Line = 3, Modem = 4, Status = 5, ModemStatus = 6, Scratch = 7;
    private const int Interrupt = 4;

    private readonly MemoryStream _output = new();
    private readonly FakeMachine _machine = new();
    private readonly SerialPort _port;

    public SerialPortTests()
    {
        _port = new SerialPort(_output);
        _port.Attach(_machine);
    }

    private bool IsRaised => _machine.Lines.GetValueOrDefault(Interrupt);

    public void Dispose()
    {
        _machine.Dispose();
        _output.Dispose();
    }

    [Fact]
    public void A_line_is_sent_at_its_end()
    {
        foreach (byte value in "hello\n"u8)
            Write(Data, value);
        Assert.Equal("hello\n", Encoding.ASCII.GetString(_output.ToArray()));
        Write(Data, (byte)'>');
        Assert.Equal(6, _output.Length);
        _port.Flush();
        Assert.Equal(7, _output.Length);
    }

    /// <summary>A prompt has no end of line: it is sent when the guest begins to wait.</summary>
    [Fact]
    public void A_prompt_is_sent_when_the_guest_polls()
    {
        Write(Data, (byte)'>');
        for (int i = 0; i < 8; i++)
            Assert.Equal(0x60, Read(Status));
        Assert.Equal(1, _output.Length);
    }

    /// <summary>What tells a 16550A from others: registers that keep what is written, and a FIFO.</summary>
    [Fact]
    public void It_is_found_to_be_a_16550A()
    {
        Write(Scratch, 0x5a);
        Assert.Equal(0x5a, Read(Scratch));
        Write(Enable, 0xff);
        Assert.Equal(0x0f, Read(Enable));
        Write(Enable, 0);
        Assert.Equal(0x01, Read(Identification) & 0xcf);
        Write(Identification, 1);
        Assert.Equal(0xc0, Read(Identification) & 0xc0);
        Write(Line, 0x80);
        Write(Data, 12);
        Write(Enable, 34);
        Assert.Equal((12, 34), (Read(Data), Read(Enable)));
        Write(Line, 3);
        Assert.Equal(0, Read(Enable));
        Assert.Empty(_output.ToArray());
    }

    [Fact]
    public void In_a_loop_control_becomes_status()
    {
        Write(Modem, 0x1a);
        Assert.Equal(0x90, Read(ModemStatus) & 0xf0);
        Write(Data, 7);
        Assert.Equal(0x61, Read(Status));
        Assert.Equal(7, Read(Data));
        Write(Modem, 0x0b);
        Assert.Equal(0xb0, Read(ModemStatus));
        Assert.Empty(_output.ToArray());
    }

    [Fact]
    public void An_empty_transmitter_interrupts_once()
    {
        Write(Enable, 2);
        Assert.True(IsRaised);
        Assert.Equal(2, Read(Identification) & 0xf);
        Assert.False(IsRaised);
        Write(Data, (byte)'x');
        Assert.True(IsRaised);
        Assert.Equal(2, Read(Identification) & 0xf);
        Assert.Equal(1, Read(Identification) & 0xf);
    }

    /// <summary>Linux reads the port and resets its FIFOs before it is ready for what comes.</summary>
    [Fact]
    public void What_comes_before_the_driver_is_ready_is_not_lost()
    {
        Assert.Equal(5, _port.Receive("early"u8));
        Write(Identification, 7);
        Assert.Equal(0x60, Read(Status));
        Assert.Equal(0, Read(Data));
        Assert.False(IsRaised);
        Write(Enable, 1);
        Assert.True(IsRaised);
        Assert.Equal(4, Read(Identification) & 0xf);
        var seen = new StringBuilder();
        while ((Read(Status) & 1) != 0)
            seen.Append((char)Read(Data));
        Assert.Equal("early", seen.ToString());
        Assert.False(IsRaised);
    }

    [Fact]
    public void A_guest_that_polls_gets_what_comes()
    {
        _port.Receive("k"u8);
        int polls = 0;
        while ((Read(Status) & 1) == 0)
            Assert.True(++polls < 100);
        Assert.Equal((byte)'k', Read(Data));
        Assert.Equal(0, Read(Status) & 1);
    }

    [Fact]
    public void A_guest_that_does_not_read_stops_the_sender()
    {
        byte[] much = new byte[SerialPort.Capacity + 10];
        Assert.Equal(SerialPort.Capacity, _port.Receive(much));
        Assert.Equal(0, _port.Receive(much));
    }

    private byte Read(int register)
    {
        byte[] data = new byte[1];
        _port.Read(register, data);
        return data[0];
    }

    private void Write(int register, byte value) => _port.Write(register, [value]);
}
