using System.Buffers.Binary;
using BootProtocol.Kvm.Virtio;
using BootProtocol.Virtio;

namespace BootProtocol.Runtime.Tests.KvmMachines;

/// <summary>A driver's part: a queue in a fake machine's memory, and a device's registers.</summary>
internal sealed class VirtioGuest
{
    public const int Entries = 8;
    public const ulong Descriptors = 0x10000;
    public const ulong Available = 0x11000;
    public const ulong Used = 0x12000;
    public const ulong Buffers = 0x20000;

    private readonly FakeMachine _machine;
    private readonly VirtioTransport _transport;

    public VirtioGuest(FakeMachine machine, VirtioDevice device, int entries = Entries)
    {
        _machine = machine;
        _transport = new VirtioTransport(device, new Paddr(0xd0000000), 4096, 16);
        _transport.Attach(machine);
        Status = VirtioStatus.Acknowledge | VirtioStatus.Driver;
        this[VirtioMmioRegister.DriverFeaturesSel] = 1;
        this[VirtioMmioRegister.DriverFeatures] = 1;
        Status |= VirtioStatus.FeaturesOk;
        Start(entries, Descriptors, Available, Used);
        Status |= VirtioStatus.DriverOk;
    }

    public VirtioTransport Transport => _transport;

    public VirtioStatus Status
    {
        get => (VirtioStatus)this[VirtioMmioRegister.Status];
        set => this[VirtioMmioRegister.Status] = (uint)value;
    }

    public bool IsBroken => (Status & VirtioStatus.NeedsReset) != 0;

    public ushort UsedIndex => BinaryPrimitives.ReadUInt16LittleEndian(_machine.Bytes(Used + 2, 2));

    public uint this[VirtioMmioRegister register]
    {
        get
        {
            byte[] data = new byte[4];
            _transport.Read((ulong)register, data);
            return BinaryPrimitives.ReadUInt32LittleEndian(data);
        }

        set
        {
            byte[] data = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(data, value);
            _transport.Write((ulong)register, data);
        }
    }

    /// <summary>Has the device use a queue.</summary>
    public void Start(int entries, ulong descriptors, ulong available, ulong used, int queue = 0)
    {
        this[VirtioMmioRegister.QueueSel] = (uint)queue;
        this[VirtioMmioRegister.QueueReady] = 0;
        this[VirtioMmioRegister.QueueNum] = (uint)entries;
        (VirtioMmioRegister Low, ulong Address)[] places =
        [
            (VirtioMmioRegister.QueueDescLow, descriptors), (VirtioMmioRegister.QueueAvailLow, available), (VirtioMmioRegister.QueueUsedLow, used),
        ];
        foreach ((VirtioMmioRegister low, ulong address) in places)
        {
            this[low] = (uint)address;
            this[low + 4] = (uint)(address >> 32);
        }

        this[VirtioMmioRegister.QueueReady] = 1;
    }

    /// <summary>Writes a descriptor.</summary>
    public void Describe(int index, ulong address, uint length, VirtqueueDescriptorFlags flags = 0, ushort next = 0)
    {
        Span<byte> bytes = _machine.Bytes(Descriptors + (ulong)(index * VirtqueueDescriptor.Layout.Size), VirtqueueDescriptor.Layout.Size);
        VirtqueueDescriptor.Writer descriptor = VirtqueueDescriptor.Create(bytes);
        (descriptor.Addr, descriptor.Length, descriptor.BufferFlags, descriptor.Next) = (new Paddr(address), length, flags, next);
    }

    /// <summary>Offers a chain, and has the device look.</summary>
    public void Offer(ushort head, ushort? index = null)
    {
        ushort at = BinaryPrimitives.ReadUInt16LittleEndian(_machine.Bytes(Available + 2, 2));
        BinaryPrimitives.WriteUInt16LittleEndian(_machine.Bytes(Available + 4 + (2 * (ulong)(at % Entries)), 2), head);
        BinaryPrimitives.WriteUInt16LittleEndian(_machine.Bytes(Available + 2, 2), index ?? (ushort)(at + 1));
        this[VirtioMmioRegister.QueueNotify] = 0;
    }

    /// <summary>Writes a request of three buffers, and offers it.</summary>
    /// <returns>The status byte.</returns>
    public byte Request(VirtioBlockRequestKind kind, ulong sector, uint length, bool isWritten)
    {
        WriteHead(kind, sector);
        Describe(0, Buffers, 16, VirtqueueDescriptorFlags.Next, 1);
        Describe(1, Buffers + 0x1000, length, VirtqueueDescriptorFlags.Next | (isWritten ? VirtqueueDescriptorFlags.Write : 0), 2);
        Describe(2, Buffers + 0x800, 1, VirtqueueDescriptorFlags.Write);
        _machine.Bytes(Buffers + 0x800, 1)[0] = 0xee;
        Offer(0);
        return _machine.Bytes(Buffers + 0x800, 1)[0];
    }

    /// <summary>Writes the head of a request.</summary>
    public void WriteHead(VirtioBlockRequestKind kind, ulong sector)
    {
        VirtioBlockRequest.Writer head = VirtioBlockRequest.Create(_machine.Bytes(Buffers, VirtioBlockRequest.Layout.Size));
        (head.Kind, head.Sector) = (kind, sector);
    }
}
