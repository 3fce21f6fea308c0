using System.Buffers.Binary;
using BootProtocol.Kvm.Devices;
using BootProtocol.Virtio;

namespace BootProtocol.Kvm.Virtio;

/// <summary>A VIRTIO device's registers, of VIRTIO 1.0 and later.</summary>
/// <remarks>
/// A guest that breaks a rule gets a device that asks for its reset and does nothing more until then. Source: VIRTIO 1.2, 4.2 "Virtio Over MMIO".
/// </remarks>
/// <param name="device">What is behind them.</param>
/// <param name="start">Their address.</param>
/// <param name="length">Their bytes.</param>
/// <param name="interrupt">The interrupt line.</param>
internal sealed class VirtioTransport(VirtioDevice device, Paddr start, ulong length, int interrupt) : IMemoryDevice
{
    private const uint Magic = 0x74726976; // virt
    private const uint ModernVersion = 2;
    private const uint Vendor = 0x50544f42; // BOTP

    private readonly Virtqueue[] _queues = [.. Enumerable.Range(0, device.Queues).Select(static _ => new Virtqueue())];
    private readonly List<(Paddr Start, int Length, bool IsWritten)> _buffers = [];
    private IMachine? _machine;
    private VirtioStatus _status;
    private VirtioMmioInterrupt _interrupts;
    private uint _deviceSelect, _driverSelect, _queueSelect;
    private ulong _taken;

    /// <inheritdoc/>
    public Paddr Start => start;

    /// <inheritdoc/>
    public ulong Length => length;

    private ulong Offered => device.Features | (ulong)VirtioFeatures.Version1;

    private Virtqueue? Queue => _queueSelect < _queues.Length ? _queues[_queueSelect] : null;

    /// <inheritdoc/>
    public void Attach(IMachine machine) => _machine = machine;

    /// <inheritdoc/>
    public void Read(ulong offset, Span<byte> data)
    {
        data.Clear();
        if (offset >= (ulong)VirtioMmioRegister.Config)
        {
            ulong at = offset - (ulong)VirtioMmioRegister.Config;
            ReadOnlySpan<byte> configuration = device.Configuration;
            if (at < (ulong)configuration.Length)
                configuration.Slice((int)at, Math.Min(data.Length, configuration.Length - (int)at)).CopyTo(data);
        }
        else if (data.Length == sizeof(uint))
        {
            BinaryPrimitives.WriteUInt32LittleEndian(data, ReadRegister((VirtioMmioRegister)offset));
        }
    }

    /// <inheritdoc/>
    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        if (offset >= (ulong)VirtioMmioRegister.Config || data.Length != sizeof(uint))
            return; // nothing of the devices here can be set
        uint value = 0;
        for (int i = data.Length - 1; i >= 0; i--)
            value = (value << 8) | data[i];
        WriteRegister((VirtioMmioRegister)offset, value);
    }

    /// <summary>Looks for requests in a queue that the device has a use for now. The caller holds the lock of the transport.</summary>
    /// <param name="queue">The queue's number.</param>
    public void Serve(int queue) => Notify((uint)queue);

    private uint ReadRegister(VirtioMmioRegister register) => register switch
    {
        VirtioMmioRegister.MagicValue => Magic,
        VirtioMmioRegister.Version => ModernVersion,
        VirtioMmioRegister.DeviceId => (uint)device.Kind,
        VirtioMmioRegister.VendorId => Vendor,
        VirtioMmioRegister.DeviceFeatures => Half(Offered, _deviceSelect),
        VirtioMmioRegister.QueueNumMax => Queue is null ? 0u : Virtqueue.MostEntries,
        VirtioMmioRegister.QueueReady => Queue?.IsReady == true ? 1u : 0,
        VirtioMmioRegister.InterruptStatus => (uint)_interrupts,
        VirtioMmioRegister.Status => (uint)_status,
        _ => 0,
    };

    private void WriteRegister(VirtioMmioRegister register, uint value)
    {
        switch (register)
        {
            case VirtioMmioRegister.DeviceFeaturesSel:
                _deviceSelect = value;
                break;
            case VirtioMmioRegister.DriverFeaturesSel:
                _driverSelect = value;
                break;
            case VirtioMmioRegister.DriverFeatures when _driverSelect < 2:
                _taken = SetHalf(_taken, _driverSelect == 1, value);
                break;
            case VirtioMmioRegister.QueueSel:
                _queueSelect = value;
                break;
            case VirtioMmioRegister.QueueNotify:
                Notify(value);
                break;
            case VirtioMmioRegister.InterruptAck:
                Raise(_interrupts & ~(VirtioMmioInterrupt)value);
                break;
            case VirtioMmioRegister.Status:
                SetStatus((VirtioStatus)value);
                break;
            default:
                if (Queue is { } queue)
                    WriteQueue(queue, register, value);
                break;
        }
    }

    private void WriteQueue(Virtqueue queue, VirtioMmioRegister register, uint value)
    {
        if (register == VirtioMmioRegister.QueueReady)
        {
            if (!queue.SetReady(value == 1))
                Break();
            return;
        }

        if (queue.IsReady)
            return; // its numbers are settled
        switch (register)
        {
            case VirtioMmioRegister.QueueNum:
                queue.Entries = (int)Math.Min(value, int.MaxValue);
                break;
            case VirtioMmioRegister.QueueDescLow or VirtioMmioRegister.QueueDescHigh:
                queue.Descriptors = SetHalf(queue.Descriptors, register == VirtioMmioRegister.QueueDescHigh, value);
                break;
            case VirtioMmioRegister.QueueAvailLow or VirtioMmioRegister.QueueAvailHigh:
                queue.Available = SetHalf(queue.Available, register == VirtioMmioRegister.QueueAvailHigh, value);
                break;
            case VirtioMmioRegister.QueueUsedLow or VirtioMmioRegister.QueueUsedHigh:
                queue.Used = SetHalf(queue.Used, register == VirtioMmioRegister.QueueUsedHigh, value);
                break;
            default:
                break; // of the others none can be written
        }
    }

    private void SetStatus(VirtioStatus status)
    {
        if (status == 0)
        {
            foreach (Virtqueue queue in _queues)
                queue.Reset();
            (_status, _taken, _deviceSelect, _driverSelect, _queueSelect) = (0, 0, 0, 0, 0);
            Raise(0);
            return;
        }

        // A driver that takes what is not offered, or is of before VIRTIO 1.0, sees that its features are not taken.
        bool isAgreed = (_taken & ~Offered) == 0 && (_taken & (ulong)VirtioFeatures.Version1) != 0;
        if (!isAgreed)
            status &= ~VirtioStatus.FeaturesOk;
        _status = status | (_status & VirtioStatus.NeedsReset);
    }

    private void Notify(uint number)
    {
        const VirtioStatus Working = VirtioStatus.DriverOk | VirtioStatus.FeaturesOk;
        if (_machine is not { } machine || number >= _queues.Length || (_status & (Working | VirtioStatus.NeedsReset)) != Working)
            return;
        Virtqueue queue = _queues[number];
        if (!queue.IsReady)
            return;
        bool? isThere = false;
        while (!machine.HasEnded && device.CanHandle((int)number) && (isThere = queue.TryTake(machine, _buffers, out ushort head)) == true)
        {
            uint written = device.Handle((int)number, new VirtioRequest(machine, _buffers));
            isThere = queue.Complete(machine, head, written);
            if (isThere == true)
                Raise(_interrupts | VirtioMmioInterrupt.Ring);
            if (isThere is null)
                break;
        }

        if (isThere is null)
            Break();
        else
            device.HasHandled(this, (int)number);
    }

    /// <summary>Does nothing more until the guest resets the device.</summary>
    private void Break()
    {
        _status |= VirtioStatus.NeedsReset;
        Raise(_interrupts | VirtioMmioInterrupt.Config);
    }

    private void Raise(VirtioMmioInterrupt interrupts)
    {
        if ((_interrupts == 0) != (interrupts == 0))
            _machine?.SetInterrupt(interrupt, interrupts != 0);
        _interrupts = interrupts;
    }

    private static uint Half(ulong value, uint which) => which switch { 0 => (uint)value, 1 => (uint)(value >> 32), _ => 0 };

    private static ulong SetHalf(ulong value, bool isHigh, uint half) =>
        isHigh ? (value & uint.MaxValue) | ((ulong)half << 32) : (value & ~(ulong)uint.MaxValue) | half;
}
