using System.Buffers.Binary;
using BootProtocol.Kvm;
using BootProtocol.Kvm.Virtio;
using BootProtocol.Virtio;

namespace BootProtocol.Runtime.Tests.KvmMachines;

/// <summary>A console by VIRTIO: what is typed waits for the guest, and what the guest writes goes out, whatever its queues say.</summary>
public sealed class VirtioConsoleTests : IDisposable
{
    private const int Interrupt = 16;
    private const ulong Second = 0x4000;

    private readonly FakeMachine _machine = new();
    private readonly MemoryStream _output = new();
    private readonly VirtioConsole _console;
    private readonly VirtioGuest _guest;

    public VirtioConsoleTests()
    {
        _console = new VirtioConsole(_output);
        _guest = new VirtioGuest(_machine, _console);
        _guest.Start(VirtioGuest.Entries, VirtioGuest.Descriptors + Second, VirtioGuest.Available + Second, VirtioGuest.Used + Second, queue: 1);
    }

    public void Dispose()
    {
        _machine.Dispose();
        _output.Dispose();
    }

    [Fact]
    public void A_driver_finds_a_console_with_two_queues()
    {
        Assert.Equal(3u, _guest[VirtioMmioRegister.DeviceId]);
        Assert.Equal(0u, _guest[VirtioMmioRegister.DeviceFeatures]);
        foreach ((uint queue, uint most) in new[] { (0u, 256u), (1u, 256u), (2u, 0u) })
        {
            _guest[VirtioMmioRegister.QueueSel] = queue;
            Assert.Equal(most, _guest[VirtioMmioRegister.QueueNumMax]);
        }
    }

    [Fact]
    public void What_the_guest_writes_goes_out()
    {
        "hello, "u8.CopyTo(_machine.Bytes(VirtioGuest.Buffers, 7));
        "world"u8.CopyTo(_machine.Bytes(VirtioGuest.Buffers + 0x100, 5));
        Describe(Second, 0, VirtioGuest.Buffers, 7, VirtqueueDescriptorFlags.Next, 1);
        Describe(Second, 1, VirtioGuest.Buffers + 0x100, 5, 0, 0);
        Offer(Second, 0, queue: 1);
        Assert.Equal("hello, world"u8, _output.ToArray());
        Assert.True(_machine.Lines[Interrupt]);
    }

    /// <summary>Each of 256 buffers may be all of the guest's memory: whoever ends the machine does not wait for that.</summary>
    [Fact]
    public void What_the_guest_writes_ends_with_the_machine()
    {
        _machine.End(new KvmEnd { Kind = KvmEndKind.Reset });
        (Paddr Start, int Length, bool IsWritten)[] buffers = [(new Paddr(0x100000), 1 << 20, false), (new Paddr(0x100000), 1 << 20, false)];
        Assert.Equal(0u, _console.Handle(1, new VirtioRequest(_machine, buffers)));
        Assert.Equal(64 << 10, _output.Length);
    }

    /// <summary>Linux's driver throws away what comes before there is a console.</summary>
    [Fact]
    public void What_is_typed_waits_until_the_guest_has_written()
    {
        Describe(0, 0, VirtioGuest.Buffers + 0x100, 64, VirtqueueDescriptorFlags.Write, 0);
        Offer(0, 0, queue: 0);
        _console.Receive(_guest.Transport, "early"u8);
        Assert.Equal(0, _guest.UsedIndex);
        Use();
        Assert.Equal((1, 5u), (_guest.UsedIndex, Written(0)));
        Assert.Equal("early"u8, _machine.Bytes(VirtioGuest.Buffers + 0x100, 5));
    }

    [Fact]
    public void What_is_typed_waits_for_room()
    {
        Use();
        Assert.Equal(5, _console.Receive(_guest.Transport, "typed"u8));
        Assert.Equal(0, _guest.UsedIndex);
        Describe(0, 0, VirtioGuest.Buffers, 3, VirtqueueDescriptorFlags.Write, 0);
        Offer(0, 0, queue: 0);
        Assert.Equal("typ"u8, _machine.Bytes(VirtioGuest.Buffers, 3));
        Assert.Equal((1, 3u), (_guest.UsedIndex, Written(0)));
        Describe(0, 1, VirtioGuest.Buffers + 0x100, 64, VirtqueueDescriptorFlags.Write, 0);
        Offer(0, 1, queue: 0);
        Assert.Equal("ed"u8, _machine.Bytes(VirtioGuest.Buffers + 0x100, 2));
        Assert.Equal((2, 2u), (_guest.UsedIndex, Written(1)));
    }

    [Fact]
    public void Room_waits_for_what_is_typed()
    {
        Use();
        _guest[VirtioMmioRegister.InterruptAck] = 1;
        Describe(0, 0, VirtioGuest.Buffers, 64, VirtqueueDescriptorFlags.Write, 0);
        Offer(0, 0, queue: 0);
        Assert.Equal((0, false), (_guest.UsedIndex, _machine.Lines.GetValueOrDefault(Interrupt)));
        Assert.Equal(3, _console.Receive(_guest.Transport, "yes"u8));
        Assert.Equal("yes"u8, _machine.Bytes(VirtioGuest.Buffers, 3));
        Assert.Equal((1, true), (_guest.UsedIndex, _machine.Lines[Interrupt]));
    }

    [Fact]
    public void A_sender_waits_where_the_guest_takes_nothing()
    {
        Use();
        byte[] much = new byte[VirtioConsole.Capacity + 10];
        Assert.Equal(VirtioConsole.Capacity, _console.Receive(_guest.Transport, much));
        Assert.Equal(0, _console.Receive(_guest.Transport, much));
        _console.Close(_guest.Transport);
        Describe(0, 0, VirtioGuest.Buffers, 64, VirtqueueDescriptorFlags.Write, 0);
        Offer(0, 0, queue: 0);
        Assert.Equal(64u, Written(0));
        Assert.Equal(0, _console.Receive(_guest.Transport, much));
    }

    [Fact]
    public void Buffers_of_the_wrong_kind_are_given_back_unused()
    {
        Describe(Second, 0, VirtioGuest.Buffers, 7, VirtqueueDescriptorFlags.Write, 0);
        Offer(Second, 0, queue: 1);
        Assert.Equal(0, _output.Length);
        _console.Receive(_guest.Transport, "lost"u8);
        Describe(0, 0, VirtioGuest.Buffers, 7, 0, 0);
        Offer(0, 0, queue: 0);
        Assert.Equal(0u, Written(0));
        Assert.False(_guest.IsBroken);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void An_address_without_memory_breaks_the_device(int queue)
    {
        if (queue == 0)
            Use();
        _console.Receive(_guest.Transport, "x"u8);
        Describe(queue == 0 ? 0 : Second, 0, ulong.MaxValue - 4, 4, queue == 0 ? VirtqueueDescriptorFlags.Write : 0, 0);
        Offer(queue == 0 ? 0 : Second, 0, (uint)queue);
        Assert.True(_guest.IsBroken);
        Assert.Equal(queue == 0 ? 1 : 0, _output.Length);
    }

    /// <summary>The guest writes a character.</summary>
    private void Use()
    {
        Describe(Second, 7, VirtioGuest.Buffers + 0xf00, 1, 0, 0);
        Offer(Second, 7, queue: 1);
    }

    private void Describe(ulong offset, int index, ulong address, uint length, VirtqueueDescriptorFlags flags, ushort next)
    {
        ulong place = VirtioGuest.Descriptors + offset + (ulong)(index * VirtqueueDescriptor.Layout.Size);
        VirtqueueDescriptor.Writer descriptor = VirtqueueDescriptor.Create(_machine.Bytes(place, VirtqueueDescriptor.Layout.Size));
        (descriptor.Addr, descriptor.Length, descriptor.BufferFlags, descriptor.Next) = (new Paddr(address), length, flags, next);
    }

    private void Offer(ulong offset, ushort head, uint queue)
    {
        ulong ring = VirtioGuest.Available + offset;
        ushort at = BinaryPrimitives.ReadUInt16LittleEndian(_machine.Bytes(ring + 2, 2));
        BinaryPrimitives.WriteUInt16LittleEndian(_machine.Bytes(ring + 4 + (2 * (ulong)(at % VirtioGuest.Entries)), 2), head);
        BinaryPrimitives.WriteUInt16LittleEndian(_machine.Bytes(ring + 2, 2), (ushort)(at + 1));
        _guest[VirtioMmioRegister.QueueNotify] = queue;
    }

    /// <summary>How many bytes the device says it wrote for a request.</summary>
    private uint Written(int request) => BinaryPrimitives.ReadUInt32LittleEndian(_machine.Bytes(VirtioGuest.Used + 8 + (8 * (ulong)request), 4));
}
