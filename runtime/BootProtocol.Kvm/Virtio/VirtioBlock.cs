using System.Text;
using BootProtocol.Virtio;

namespace BootProtocol.Kvm.Virtio;

/// <summary>A disk of a guest.</summary>
/// <remarks>
/// No request is larger than <see cref="MostSegments"/> buffers of <see cref="LargestSegment"/> bytes, so that none takes long. Source: VIRTIO
/// 1.2, 5.2 "Block Device".
/// </remarks>
internal sealed class VirtioBlock : VirtioDevice
{
    /// <summary>Most buffers of a request, without its head and status.</summary>
    public const int MostSegments = 126;

    /// <summary>Most bytes of a buffer.</summary>
    public const int LargestSegment = 1 << 20;

    private const int NameSize = 20;

    private readonly KvmDisk _disk;
    private readonly byte[] _configuration = new byte[VirtioBlkConfig.Layout.Size];

    /// <summary>Makes a device of a disk.</summary>
    public VirtioBlock(KvmDisk disk)
    {
        _disk = disk;
        VirtioBlkConfig.Writer configuration = VirtioBlkConfig.Create(_configuration);
        configuration.Capacity = disk.Sectors;
        configuration.SizeMax = LargestSegment;
        configuration.SegMax = MostSegments;
        configuration.BlockSize = KvmDisk.SectorSize;
    }

    /// <inheritdoc/>
    public override VirtioKind Kind => VirtioKind.Block;

    /// <inheritdoc/>
    public override ulong Features => (ulong)(VirtioBlockFeatures.SizeMax | VirtioBlockFeatures.SegMax | VirtioBlockFeatures.BlockSize
        | VirtioBlockFeatures.Flush | (_disk.IsReadOnly ? VirtioBlockFeatures.ReadOnly : 0));

    /// <inheritdoc/>
    public override int Queues => 1;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Configuration => _configuration;

    /// <inheritdoc/>
    public override uint Handle(int queue, VirtioRequest request)
    {
        // The last byte is the status; without room for one, the guest cannot be answered at all.
        int last = request.Count - 1;
        if (last < 1 || !request.IsWritten(last) || request.Bytes(last).IsEmpty)
            return 0;
        VirtioBlockStatus status;
        uint written = 0;
        try
        {
            status = Do(request, ref written);
        }
        catch (IOException)
        {
            status = VirtioBlockStatus.Error;
        }

        request.Bytes(last)[^1] = (byte)status;
        return written + 1;
    }

    private VirtioBlockStatus Do(VirtioRequest request, ref uint written)
    {
        Span<byte> head = stackalloc byte[VirtioBlockRequest.Layout.Size];
        if (request.IsWritten(0) || request.Bytes(0).Length != head.Length || request.Count - 2 > MostSegments)
            return VirtioBlockStatus.Error;
        request.Bytes(0).CopyTo(head);
        VirtioBlockRequest wanted = VirtioBlockRequest.Parse(head);
        switch (wanted.Kind)
        {
            case VirtioBlockRequestKind.In:
                return Transfer(request, wanted.Sector, isRead: true, ref written);
            case VirtioBlockRequestKind.Out:
                return _disk.IsReadOnly ? VirtioBlockStatus.Error : Transfer(request, wanted.Sector, isRead: false, ref written);
            case VirtioBlockRequestKind.Flush:
                if (!_disk.IsReadOnly)
                    _disk.Flush();
                return VirtioBlockStatus.Ok;
            case VirtioBlockRequestKind.GetId:
                return Name(request, ref written);
            default:
                return VirtioBlockStatus.Unsupported;
        }
    }

    private VirtioBlockStatus Transfer(VirtioRequest request, ulong sector, bool isRead, ref uint written)
    {
        // All is looked at before any of it is done.
        ulong total = 0;
        for (int i = 1; i < request.Count - 1; i++)
        {
            int length = request.Bytes(i).Length;
            if (request.IsWritten(i) != isRead || length > LargestSegment || length % KvmDisk.SectorSize != 0)
                return VirtioBlockStatus.Error;
            total += (ulong)length;
        }

        if (sector > _disk.Sectors || total / KvmDisk.SectorSize > _disk.Sectors - sector)
            return VirtioBlockStatus.Error;
        ulong offset = sector * KvmDisk.SectorSize;
        for (int i = 1; i < request.Count - 1; i++)
        {
            Span<byte> bytes = request.Bytes(i);
            if (isRead)
            {
                _disk.Read(offset, bytes);
                written += (uint)bytes.Length;
            }
            else
            {
                _disk.Write(offset, bytes);
            }

            offset += (ulong)bytes.Length;
        }

        return VirtioBlockStatus.Ok;
    }

    private VirtioBlockStatus Name(VirtioRequest request, ref uint written)
    {
        if (request.Count != 3 || !request.IsWritten(1) || request.Bytes(1).Length < NameSize)
            return VirtioBlockStatus.Error;
        byte[] name = Encoding.ASCII.GetBytes(_disk.Name);
        Span<byte> place = request.Bytes(1)[..NameSize];
        place.Clear();
        name.AsSpan(Math.Max(0, name.Length - NameSize)).CopyTo(place);
        written = NameSize;
        return VirtioBlockStatus.Ok;
    }
}
