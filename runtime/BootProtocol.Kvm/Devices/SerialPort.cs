namespace BootProtocol.Kvm.Devices;

/// <summary>The first serial port of a PC: a 16550A at port 0x3f8, interrupt 4, without what depends on a real line's speed.</summary>
/// <remarks>
/// <para>
/// It sends at once. What it receives waits until the guest has shown that it reads: by an interrupt that it asks for, or by looking at the line
/// status again and again, which a guest that wants to send has no reason for. Linux reads the port, and empties its buffers, several times
/// before it is ready, and would lose what somebody has piped in.
/// </para>
/// <para>Source: National Semiconductor's data sheet PC16550D.</para>
/// </remarks>
/// <param name="output">Where what it sends goes; null for nowhere.</param>
internal sealed class SerialPort(Stream? output) : IPortDevice
{
    /// <summary>Bytes that wait for the guest before a sender has to wait, too.</summary>
    public const int Capacity = 4096;

    private const int Interrupt = 4;
    private const int Fifo = 16;
    private const int PatientReads = 8;

    private const byte ReceiveEnable = 1, TransmitEnable = 2, EnableBits = 0xf;
    private const byte DivisorLatch = 0x80;
    private const byte Loop = 0x10, ControlBits = 0x1f;
    private const byte NoInterrupt = 1, TransmitEmpty = 2, ReceivedData = 4, HasFifo = 0xc0;
    private const byte DataReady = 1, Idle = 0x60;
    private const byte Connected = 0xb0; // carrier, data set ready, clear to send

    private readonly Queue<byte> _received = new();
    private readonly byte[] _sent = new byte[256];
    private IMachine? _machine;
    private int _sentCount;
    private int _statusReads;
    private byte _enable, _line, _modem, _scratch, _fifo, _divisorLow = 1, _divisorHigh;
    private bool _isEmptyPending;
    private bool _isRaised;

    /// <inheritdoc/>
    public ushort FirstPort => 0x3f8;

    /// <inheritdoc/>
    public int PortCount => 8;

    private bool IsReading => (_enable & ReceiveEnable) != 0 || (_modem & Loop) != 0 || _statusReads >= PatientReads;

    private bool HasData => _received.Count > 0 && IsReading;

    /// <inheritdoc/>
    public void Attach(IMachine machine) => _machine = machine;

    /// <summary>Receives as many bytes as there is room for.</summary>
    /// <returns>How many.</returns>
    public int Receive(ReadOnlySpan<byte> bytes)
    {
        lock (this)
        {
            int count = Math.Min(bytes.Length, Capacity - _received.Count);
            foreach (byte value in bytes[..count])
                _received.Enqueue(value);
            Update();
            return count;
        }
    }

    /// <summary>Hands over what was sent.</summary>
    public void Flush()
    {
        lock (this)
            PassOn();
    }

    /// <inheritdoc/>
    public void Read(int offset, Span<byte> data)
    {
        for (int i = 0; i < data.Length; i++)
            data[i] = ReadRegister(offset + i);
        Update();
    }

    /// <inheritdoc/>
    public void Write(int offset, ReadOnlySpan<byte> data)
    {
        for (int i = 0; i < data.Length; i++)
            WriteRegister(offset + i, data[i]);
        Update();
    }

    private byte ReadRegister(int register)
    {
        bool isDivisor = (_line & DivisorLatch) != 0;
        if (register != 5)
        {
            bool wasReading = IsReading;
            byte value = register switch
            {
                0 when isDivisor => _divisorLow,
                0 => wasReading && _received.TryDequeue(out byte next) ? next : (byte)0,
                1 => isDivisor ? _divisorHigh : _enable,
                2 => Identify(),
                3 => _line,
                4 => _modem,
                6 => ModemStatus(),
                7 => _scratch,
                _ => 0xff,
            };
            if (register != 0)
                _statusReads = 0;
            return value;
        }

        // What was sent is handed over where the guest begins to wait.
        if (++_statusReads == PatientReads)
            PassOn();
        _statusReads = Math.Min(_statusReads, PatientReads);
        return (byte)(Idle | (HasData ? DataReady : 0));
    }

    private void WriteRegister(int register, byte value)
    {
        bool isDivisor = (_line & DivisorLatch) != 0;
        _statusReads = 0;
        switch (register)
        {
            case 0 when isDivisor:
                _divisorLow = value;
                break;
            case 0 when (_modem & Loop) != 0:
                if (_received.Count < Capacity)
                    _received.Enqueue(value);
                _isEmptyPending = true;
                break;
            case 0:
                Send(value);
                _isEmptyPending = true;
                break;
            case 1 when isDivisor:
                _divisorHigh = value;
                break;
            case 1:
                _isEmptyPending |= (value & TransmitEnable) != 0 && (_enable & TransmitEnable) == 0;
                _enable = (byte)(value & EnableBits);
                break;
            case 2:
                _fifo = (byte)(value & 1);
                break;
            case 3:
                _line = value;
                break;
            case 4:
                _modem = (byte)(value & ControlBits);
                break;
            case 7:
                _scratch = value;
                break;
            default:
                break; // the status registers are the chip's
        }
    }

    private byte Identify()
    {
        byte cause = NoInterrupt;
        if ((_enable & ReceiveEnable) != 0 && HasData)
        {
            cause = ReceivedData;
        }
        else if ((_enable & TransmitEnable) != 0 && _isEmptyPending)
        {
            cause = TransmitEmpty;
            _isEmptyPending = false;
        }

        return (byte)(cause | (_fifo != 0 ? HasFifo : 0));
    }

    /// <summary>In a loop, the control outputs are the status inputs.</summary>
    private byte ModemStatus() => (_modem & Loop) == 0
        ? Connected
        : (byte)(((_modem & 1) << 5) | ((_modem & 2) << 3) | ((_modem & 4) << 4) | ((_modem & 8) << 4));

    private void Send(byte value)
    {
        _sent[_sentCount++] = value;
        if (value == '\n' || _sentCount == _sent.Length || _sentCount % Fifo == 0)
            PassOn();
    }

    private void PassOn()
    {
        int count = _sentCount;
        _sentCount = 0;
        if (count == 0 || output is null)
            return;
        output.Write(_sent, 0, count);
        output.Flush();
    }

    private void Update()
    {
        bool isRaised = ((_enable & ReceiveEnable) != 0 && HasData) || ((_enable & TransmitEnable) != 0 && _isEmptyPending);
        if (isRaised == _isRaised)
            return;
        _isRaised = isRaised;
        _machine?.SetInterrupt(Interrupt, isRaised);
    }
}
