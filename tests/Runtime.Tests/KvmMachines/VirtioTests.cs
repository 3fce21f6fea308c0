using System.IO.Pipes;
using System.Text;
using BootProtocol.Kvm;
using BootProtocol.Kvm.Virtio;
using BootProtocol.Testing;
using BootProtocol.Virtio;

namespace BootProtocol.Runtime.Tests.KvmMachines;

/// <summary>A disk by VIRTIO, and guests that break its rules: each of their numbers may be any.</summary>
public sealed class VirtioTests : IDisposable
{
    private const int Sectors = 64;
    private const VirtqueueDescriptorFlags Next = VirtqueueDescriptorFlags.Next;
    private const VirtqueueDescriptorFlags Write = VirtqueueDescriptorFlags.Write;

    private readonly TemporaryFolder _folder = new();
    private readonly FakeMachine _machine = new();
    private readonly List<KvmDisk> _disks = [];

    private string DiskFile => _folder.File("a disk whose name is long");

    public void Dispose()
    {
        foreach (KvmDisk disk in _disks)
            disk.Dispose();
        _machine.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_driver_finds_a_disk()
    {
        VirtioGuest guest = Start();
        Assert.Equal((0x74726976u, 2u, 2u), (guest[VirtioMmioRegister.MagicValue], guest[VirtioMmioRegister.Version], guest[VirtioMmioRegister.DeviceId]));
        Assert.Equal(256u, guest[VirtioMmioRegister.QueueNumMax]);
        Assert.Equal((uint)Sectors, guest[VirtioMmioRegister.Config]);
        Assert.Equal(VirtioStatus.Acknowledge | VirtioStatus.Driver | VirtioStatus.FeaturesOk | VirtioStatus.DriverOk, guest.Status);
        guest[VirtioMmioRegister.DeviceFeaturesSel] = 1;
        Assert.Equal(1u, guest[VirtioMmioRegister.DeviceFeatures]);
        guest[VirtioMmioRegister.QueueSel] = 1;
        Assert.Equal(0u, guest[VirtioMmioRegister.QueueNumMax]);
    }

    [Fact]
    public void Sectors_are_read_and_written()
    {
        VirtioGuest guest = Start();
        Assert.Equal(0, guest.Request(VirtioBlockRequestKind.In, 3, 1024, isWritten: true));
        Assert.Equal(Content().AsSpan(3 * 512, 1024), _machine.Bytes(VirtioGuest.Buffers + 0x1000, 1024));
        Assert.Equal((1, true), (guest.UsedIndex, _machine.Lines[16]));
        guest[VirtioMmioRegister.InterruptAck] = 1;
        Assert.False(_machine.Lines[16]);

        _machine.Bytes(VirtioGuest.Buffers + 0x1000, 512).Fill(0xab);
        Assert.Equal(0, guest.Request(VirtioBlockRequestKind.Out, Sectors - 1, 512, isWritten: false));
        Assert.Equal(0, guest.Request(VirtioBlockRequestKind.Flush, 0, 0, isWritten: false));
        _disks[0].Dispose();
        Assert.Equal(0xab, File.ReadAllBytes(DiskFile)[^1]);
    }

    [Fact]
    public void A_disk_has_a_name()
    {
        VirtioGuest guest = Start();
        Assert.Equal(0, guest.Request(VirtioBlockRequestKind.GetId, 0, 20, isWritten: true));
        Assert.Equal("sk whose name is long", "s" + Encoding.ASCII.GetString(_machine.Bytes(VirtioGuest.Buffers + 0x1000, 20)));
    }

    [Fact]
    public void A_read_only_disk_is_not_written()
    {
        VirtioGuest guest = Start(isReadOnly: true);
        guest[VirtioMmioRegister.DeviceFeaturesSel] = 0;
        Assert.NotEqual(0u, guest[VirtioMmioRegister.DeviceFeatures] & (uint)VirtioBlockFeatures.ReadOnly);
        Assert.Equal(1, guest.Request(VirtioBlockRequestKind.Out, 0, 512, isWritten: false));
        Assert.Equal(0, guest.Request(VirtioBlockRequestKind.Flush, 0, 0, isWritten: false));
        _disks[0].Dispose();
        Assert.Equal(Content(), File.ReadAllBytes(DiskFile));
    }

    /// <summary>Wrong requests are answered, and the next right one is carried out.</summary>
    [Theory]
    [InlineData(VirtioBlockRequestKind.In, (ulong)Sectors, 512u, true, 1)]
    [InlineData(VirtioBlockRequestKind.In, Sectors - 1ul, 1024u, true, 1)]
    [InlineData(VirtioBlockRequestKind.In, ulong.MaxValue, 512u, true, 1)]
    [InlineData(VirtioBlockRequestKind.In, 1ul << 55, 512u, true, 1)]
    [InlineData(VirtioBlockRequestKind.In, 0ul, 511u, true, 1)]
    [InlineData(VirtioBlockRequestKind.In, 0ul, 512u, false, 1)]
    [InlineData(VirtioBlockRequestKind.Out, 0ul, 512u, true, 1)]
    [InlineData(VirtioBlockRequestKind.Out, (ulong)Sectors, 512u, false, 1)]
    [InlineData(VirtioBlockRequestKind.GetId, 0ul, 19u, true, 1)]
    [InlineData((VirtioBlockRequestKind)77, 0ul, 512u, true, 2)]
    public void A_wrong_request_is_an_error(VirtioBlockRequestKind kind, ulong sector, uint length, bool isWritten, byte status)
    {
        VirtioGuest guest = Start();
        Assert.Equal(status, guest.Request(kind, sector, length, isWritten));
        Assert.False(guest.IsBroken);
        Assert.Equal(0, guest.Request(VirtioBlockRequestKind.In, 0, 512, isWritten: true));
        Assert.Equal(2, guest.UsedIndex);
        _disks[0].Dispose();
        Assert.Equal(Content(), File.ReadAllBytes(DiskFile));
    }

    /// <summary>Chains without end, without place, or in the wrong order: the device stops, and the guest is told.</summary>
    [Theory]
    [InlineData("loop")]
    [InlineData("self")]
    [InlineData("head")]
    [InlineData("next")]
    [InlineData("indirect")]
    [InlineData("outside")]
    [InlineData("hole")]
    [InlineData("overflow")]
    [InlineData("huge")]
    [InlineData("order")]
    [InlineData("index")]
    public void A_broken_chain_stops_the_device(string fault)
    {
        VirtioGuest guest = Start();
        guest.Describe(0, VirtioGuest.Buffers, 16, Next, 1);
        guest.Describe(1, VirtioGuest.Buffers + 0x1000, 512, Next | Write, 2);
        guest.Describe(2, VirtioGuest.Buffers + 0x800, 1, Write);
        ushort head = 0;
        ushort? index = null;
        switch (fault)
        {
            case "loop": guest.Describe(2, VirtioGuest.Buffers, 1, Next | Write, 1); break;
            case "self": guest.Describe(0, VirtioGuest.Buffers, 16, Next, 0); break;
            case "head": head = VirtioGuest.Entries; break;
            case "next": guest.Describe(0, VirtioGuest.Buffers, 16, Next, ushort.MaxValue); break;
            case "indirect": guest.Describe(0, VirtioGuest.Buffers, 16, VirtqueueDescriptorFlags.Indirect); break;
            case "outside": guest.Describe(1, FakeMachine.Size - 256, 512, Next | Write, 2); break;
            case "hole": guest.Describe(1, 0xa0000, 512, Next | Write, 2); break;
            case "overflow": guest.Describe(1, ulong.MaxValue - 255, 512, Next | Write, 2); break;
            case "huge": guest.Describe(1, VirtioGuest.Buffers, uint.MaxValue, Next | Write, 2); break;
            case "order": guest.Describe(2, VirtioGuest.Buffers, 16); break;
            default: index = VirtioGuest.Entries + 1; break;
        }

        guest.Offer(head, index);
        Assert.True(guest.IsBroken);
        Assert.Equal((0, true), (guest.UsedIndex, _machine.Lines[16]));

        // It does nothing more, whatever comes, until it is reset.
        guest.Describe(0, VirtioGuest.Buffers, 16, Next, 1);
        guest.Offer(0);
        Assert.Equal(0, guest.UsedIndex);
        guest.Status = 0;
        Assert.Equal((default, false), (guest.Status, _machine.Lines[16]));
    }

    /// <summary>Without a byte that the device writes there is no answer; the chain comes back all the same.</summary>
    [Fact]
    public void A_request_without_a_status_comes_back()
    {
        VirtioGuest guest = Start();
        guest.WriteHead(VirtioBlockRequestKind.Flush, 0);
        guest.Describe(0, VirtioGuest.Buffers, 16);
        guest.Offer(0);
        guest.Describe(1, VirtioGuest.Buffers, 0, Write);
        guest.Offer(1);
        Assert.Equal((2, false), (guest.UsedIndex, guest.IsBroken));
    }

    [Theory]
    [InlineData(3, VirtioGuest.Descriptors, VirtioGuest.Available, VirtioGuest.Used)]
    [InlineData(0, VirtioGuest.Descriptors, VirtioGuest.Available, VirtioGuest.Used)]
    [InlineData(512, VirtioGuest.Descriptors, VirtioGuest.Available, VirtioGuest.Used)]
    [InlineData(-1, VirtioGuest.Descriptors, VirtioGuest.Available, VirtioGuest.Used)]
    [InlineData(8, VirtioGuest.Descriptors + 8, VirtioGuest.Available, VirtioGuest.Used)]
    [InlineData(8, VirtioGuest.Descriptors, VirtioGuest.Available + 1, VirtioGuest.Used)]
    [InlineData(8, VirtioGuest.Descriptors, VirtioGuest.Available, VirtioGuest.Used + 2)]
    [InlineData(8, ulong.MaxValue - 15, VirtioGuest.Available, VirtioGuest.Used)]
    [InlineData(8, VirtioGuest.Descriptors, FakeMachine.Size - 8, VirtioGuest.Used)]
    [InlineData(8, VirtioGuest.Descriptors, VirtioGuest.Available, 0x90000000ul)]
    public void A_queue_that_lies_nowhere_stops_the_device(int entries, ulong descriptors, ulong available, ulong used)
    {
        VirtioGuest guest = Start();
        guest.WriteHead(VirtioBlockRequestKind.Flush, 0);
        guest.Describe(0, VirtioGuest.Buffers, 16, Next, 1);
        guest.Describe(1, VirtioGuest.Buffers + 0x800, 1, Write);
        if (available == FakeMachine.Size - 8)
            _machine.Bytes(available + 2, 2)[0] = 1;
        guest.Start(entries, descriptors, available, used);
        guest.Offer(0);
        Assert.True(guest.IsBroken);
        Assert.Equal(0, guest.UsedIndex);
    }

    [Fact]
    public void Features_that_are_not_offered_are_refused()
    {
        VirtioGuest guest = Start();
        guest.Status = 0;
        guest[VirtioMmioRegister.DriverFeaturesSel] = 1;
        guest[VirtioMmioRegister.DriverFeatures] = 5;
        guest.Status = VirtioStatus.Driver | VirtioStatus.FeaturesOk;
        Assert.Equal(VirtioStatus.Driver, guest.Status);
        guest[VirtioMmioRegister.DriverFeatures] = 0;
        guest.Status = VirtioStatus.Driver | VirtioStatus.FeaturesOk;
        Assert.Equal(VirtioStatus.Driver, guest.Status);
    }

    /// <summary>Accesses of every width at every place, and registers with every kind of value.</summary>
    [Fact]
    public void Any_access_comes_to_an_end()
    {
        VirtioGuest guest = Start();
        var random = new Random(11);
        byte[] data = new byte[8];
        for (int i = 0; i < 20_000; i++)
        {
            ulong offset = (ulong)random.Next(0x140);
            int width = 1 << random.Next(4);
            random.NextBytes(data);
            if (random.Next(3) > 0)
                data.AsSpan(1).Clear();
            if (random.Next(2) == 0)
                guest.Transport.Read(offset, data.AsSpan(0, width));
            else
                guest.Transport.Write(offset & (random.Next(4) == 0 ? ulong.MaxValue : ~3ul), data.AsSpan(0, random.Next(4) == 0 ? width : 4));
            if (random.Next(50) == 0)
                random.NextBytes(_machine.Bytes(VirtioGuest.Descriptors, 0x3000));
        }

        guest.Status = 0;
        Assert.Equal(default, guest.Status);
    }

    [Fact]
    public void A_file_that_is_no_disk_is_refused()
    {
        _folder.Write("short", "less than a sector");
        Assert.Equal(BootErrorCode.NotAllowed, Assert.Throws<BootRequestException>(() => KvmDisk.Open(_folder.File("short"))).Code);
        Assert.Throws<FileNotFoundException>(() => KvmDisk.Open(_folder.File("nothing")));
        using var pipe = new AnonymousPipeServerStream();
        string end = $"/proc/self/fd/{pipe.SafePipeHandle.DangerousGetHandle()}";
        Assert.Equal(BootErrorCode.NotAllowed, Assert.Throws<BootRequestException>(() => KvmDisk.Open(end)).Code);
    }

    private static byte[] Content() => [.. Enumerable.Range(0, Sectors * 512).Select(static i => (byte)(i / 512))];

    private VirtioGuest Start(bool isReadOnly = false)
    {
        File.WriteAllBytes(DiskFile, Content());
        _disks.Add(KvmDisk.Open(DiskFile, isReadOnly));
        return new VirtioGuest(_machine, new VirtioBlock(_disks[0]));
    }
}
