using BootProtocol.Domains;
using BootProtocol.Memory;
using BootProtocol.Xen;
using BootProtocol.XenStream;

namespace BootProtocol.Output;

/// <summary>Writes libxenguest's stream of a PV guest: headers, and the records in the order in which a restore takes them.</summary>
internal sealed class XcStreamWriter : IDisposable
{
    /// <summary>As many frames as a record of Xen's own has at most (MAX_BATCH_SIZE in tools/libs/guest/xg_sr_common.h).</summary>
    private const int MostPages = 1024;

    private const int VersionWithStaticData = 3;

    // What a stream states of where it comes from: a restore prints it, and newer ones take it.
    private const uint XenMajor = 4;
    private const uint XenMinor = 17;

    private readonly XenPvDomain _domain;
    private readonly WordSize _word;
    private readonly Stream _output;
    private readonly SavedPages _pages;
    private readonly byte[] _room;

    /// <summary>Prepares the pages that are not written as they are.</summary>
    /// <param name="domain">The guest.</param>
    /// <param name="output">Where to; it is not closed.</param>
    /// <param name="hypercalls">The page of hypercalls; empty if nobody asks for it.</param>
    public XcStreamWriter(XenPvDomain domain, Stream output, ReadOnlyMemory<byte> hypercalls)
    {
        _domain = domain;
        _word = domain.Placement.Word;
        _output = output;
        _pages = new SavedPages(domain, hypercalls);
        int most = Math.Max(MostPages * (X86Page.Size + sizeof(ulong)), (int)domain.P2MFrameCount * sizeof(ulong));
        _room = new byte[most + X86Page.Size];
    }

    private delegate ReadOnlySpan<byte> BodyMaker(Span<byte> room);

    /// <summary>Writes all of it.</summary>
    /// <param name="version">The stream's version: 2 or 3.</param>
    public void Write(uint version)
    {
        WriteHeaders(version);
        Put(XcRecordType.X86PvInfo, MakeInfo);
        if (version >= VersionWithStaticData)
            Put(XcRecordType.StaticDataEnd, static _ => []);
        Put(XcRecordType.X86PvP2mFrames, MakeP2MFrames);
        WritePages();

        // Zeros: the counter goes on as a new domain's does.
        Put(XcRecordType.X86TscInfo, static room =>
        {
            XcTscInfo.Create(room);
            return room[..XcTscInfo.Layout.Size];
        });
        Put(XcRecordType.SharedInfo, _ => _domain.SharedFrames.Span);
        Put(XcRecordType.X86PvVcpuBasic, MakeVcpu);
        Put(XcRecordType.End, static _ => []);
    }

    /// <inheritdoc/>
    public void Dispose() => _pages.Dispose();

    private void WriteHeaders(uint version)
    {
        Span<byte> headers = _room.AsSpan(0, XcImageHeader.Layout.Size + XcDomainHeader.Layout.Size);
        XcImageHeader.Create(headers).Version = version;
        XcDomainHeader.Writer header = XcDomainHeader.Create(headers[XcImageHeader.Layout.Size..]);
        header.Type = XcDomainType.X86Pv;
        header.PageShift = X86Page.Shift;
        header.XenMajor = XenMajor;
        header.XenMinor = XenMinor;
        _output.Write(headers);
    }

    private void WritePages()
    {
        var infos = new XcPageInfo[MostPages];
        byte[] contents = new byte[MostPages * X86Page.Size];
        for (ulong first = 0; first < _domain.FrameCount; first += MostPages)
        {
            int count = (int)Math.Min(MostPages, _domain.FrameCount - first);
            int length = 0;
            for (int i = 0; i < count; i++)
            {
                var frame = new Pfn(first + (ulong)i);
                XcPageType kind = _pages.Read(frame, contents.AsSpan(length, X86Page.Size));
                infos[i] = default(XcPageInfo).WithPfn(frame.Value).WithKind(kind);
                if (kind != XcPageType.Allocate)
                    length += X86Page.Size;
            }

            Put(XcRecordType.PageData, room =>
            {
                XcPageData.Builder pages = XcPageData.Build(room);
                pages.SetPages(infos.AsSpan(0, count));
                pages.SetContents(contents.AsSpan(0, length));
                return pages.Finish();
            });
        }
    }

    private ReadOnlySpan<byte> MakeInfo(Span<byte> room)
    {
        XcPvInfo.Writer info = XcPvInfo.Create(room);
        info.GuestWidth = (byte)((int)_word / 8);
        info.PtLevels = (byte)PageTable.Levels(_word);
        return room[..XcPvInfo.Layout.Size];
    }

    private ReadOnlySpan<byte> MakeP2MFrames(Span<byte> room)
    {
        ulong[] list = new ulong[_domain.P2MFrameCount];
        for (int i = 0; i < list.Length; i++)
            list[i] = _domain.P2MFrame.Value + (ulong)i;
        XcP2mFrames.Builder frames = XcP2mFrames.Build(room);
        frames.Fixed().EndPfn = (uint)(_domain.FrameCount - 1);
        frames.SetFrames(list);
        return frames.Finish();
    }

    /// <summary>The state of the virtual CPU with frame numbers: a restore finds start_info by the one in rdx, and replaces that, too.</summary>
    private ReadOnlySpan<byte> MakeVcpu(Span<byte> room)
    {
        byte[] bytes = _domain.VcpuContext.ToArray();
        VcpuGuestContext.Writer context = VcpuGuestContext.Edit(bytes, _word);
        context.SetCtrlreg(3, VcpuGuestContext.PackTopTable(_word, new Mfn(_domain.TopTable.Value)));
        CpuUserRegs.Writer registers = context.UserRegs;
        if (_word == WordSize.Bits32)
            registers.Edx = (uint)_domain.StartInfoFrame.Value;
        else
            registers.Rdx = _domain.StartInfoFrame.Value;
        XcVcpu.Builder processor = XcVcpu.Build(room);
        processor.SetContext(bytes);
        return processor.Finish();
    }

    private void Put(XcRecordType type, BodyMaker make)
    {
        XcRecord.Builder record = XcRecord.Build(_room);
        record.SetBody(type, make(record.RoomForBody()));
        _output.Write(record.Finish());
    }
}
