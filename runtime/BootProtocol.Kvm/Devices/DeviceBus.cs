namespace BootProtocol.Kvm.Devices;

/// <summary>Finds the device that an access is for. What nobody has reads as ones, as on a PC.</summary>
internal sealed class DeviceBus
{
    private const byte Nothing = 0xff;

    private readonly List<(ulong Start, ulong Length, IPortDevice Device)> _ports = [];
    private readonly List<(ulong Start, ulong Length, IMemoryDevice Device)> _addresses = [];

    /// <summary>Adds a device. Of two that have a port, the one that was added first gets it.</summary>
    /// <exception cref="ArgumentException">It has no ports, or some behind 0xffff.</exception>
    public void Add(IPortDevice device)
    {
        if (device.PortCount <= 0 || device.FirstPort + device.PortCount > ushort.MaxValue + 1)
            throw new ArgumentException($"{device.PortCount} ports from 0x{device.FirstPort:x} on are no range of ports.", nameof(device));
        _ports.Add((device.FirstPort, (ulong)device.PortCount, device));
    }

    /// <summary>Adds a device. Of two that have an address, the one that was added first gets it.</summary>
    /// <exception cref="ArgumentException">It has no addresses, or some beyond 2^64 - 1.</exception>
    public void Add(IMemoryDevice device)
    {
        if (device.Length == 0 || device.Start.Value + device.Length < device.Start.Value)
            throw new ArgumentException($"{device.Length} bytes from {device.Start} on are no range of addresses.", nameof(device));
        _addresses.Add((device.Start.Value, device.Length, device));
    }

    /// <summary>Has all devices prepare for a machine.</summary>
    public void Attach(IMachine machine)
    {
        foreach ((_, _, IPortDevice device) in _ports)
            device.Attach(machine);
        foreach ((_, _, IMemoryDevice device) in _addresses)
            device.Attach(machine);
    }

    /// <summary>Reads a port.</summary>
    public void ReadPort(ushort port, Span<byte> data)
    {
        if (Find(_ports, port, data.Length) is { Device: { } device } found)
        {
            lock (device)
                device.Read((int)(port - found.Start), data);
            return;
        }

        if (data.Length == 1)
        {
            data[0] = Nothing;
            return;
        }

        for (int i = 0; i < data.Length; i++)
            ReadPort(unchecked((ushort)(port + i)), data.Slice(i, 1));
    }

    /// <summary>Writes a port.</summary>
    public void WritePort(ushort port, ReadOnlySpan<byte> data)
    {
        if (Find(_ports, port, data.Length) is { Device: { } device } found)
        {
            lock (device)
                device.Write((int)(port - found.Start), data);
            return;
        }

        for (int i = 0; data.Length > 1 && i < data.Length; i++)
            WritePort(unchecked((ushort)(port + i)), data.Slice(i, 1));
    }

    /// <summary>Reads an address.</summary>
    public void ReadAddress(ulong address, Span<byte> data)
    {
        if (Find(_addresses, address, data.Length) is { Device: { } device } found)
        {
            lock (device)
                device.Read(address - found.Start, data);
            return;
        }

        if (data.Length == 1)
        {
            data[0] = Nothing;
            return;
        }

        for (int i = 0; i < data.Length; i++)
            ReadAddress(unchecked(address + (ulong)i), data.Slice(i, 1));
    }

    /// <summary>Writes an address.</summary>
    public void WriteAddress(ulong address, ReadOnlySpan<byte> data)
    {
        if (Find(_addresses, address, data.Length) is { Device: { } device } found)
        {
            lock (device)
                device.Write(address - found.Start, data);
            return;
        }

        for (int i = 0; data.Length > 1 && i < data.Length; i++)
            WriteAddress(unchecked(address + (ulong)i), data.Slice(i, 1));
    }

    private static (ulong Start, T? Device) Find<T>(List<(ulong Start, ulong Length, T Device)> devices, ulong at, int length)
        where T : class
    {
        foreach ((ulong start, ulong count, T device) in devices)
        {
            if (at >= start && at - start < count && (ulong)length <= count - (at - start))
                return (start, device);
        }

        return default;
    }
}
