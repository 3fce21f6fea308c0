using System.Collections.Immutable;
using BootProtocol.Xen;
using BootProtocol.XenStream;

namespace BootProtocol.Saved;

/// <summary>Reads libxenguest's stream record by record.</summary>
/// <param name="cursor">Where it stands.</param>
/// <param name="domain">Takes what it says.</param>
/// <param name="records">Takes where the records are.</param>
/// <param name="sink">Takes the pages of a PV domain; null if they are not needed.</param>
internal sealed class XcStreamReader(
    StreamCursor cursor, SavedDomain domain, ImmutableArray<SavedRecord>.Builder records, SavedPageSink? sink)
{
    private const uint Optional = 1u << 31;

    /// <summary>Xen's own reader takes no longer ones (REC_LENGTH_MAX in tools/libs/guest/xg_sr_stream_format.h).</summary>
    private const uint MostLength = 128 << 20;

    private const uint OldestVersion = 2;
    private const uint NewestVersion = 3;

    private readonly SortedDictionary<uint, SavedProcessor> _processors = [];
    private readonly SortedDictionary<XcPageType, ulong> _pages = [];
    private long _start;
    private string _name = "";

    /// <summary>Reads it, up to its last record.</summary>
    /// <param name="begun">What of its head has been read.</param>
    public void Read(ReadOnlySpan<byte> begun)
    {
        byte[] heads = new byte[XcImageHeader.Layout.Size + XcDomainHeader.Layout.Size];
        long start = cursor.Position - begun.Length;
        begun.CopyTo(heads);
        cursor.Read(heads.AsSpan(begun.Length, XcImageHeader.Layout.Size - begun.Length), "xc_image_header");
        cursor.Read(heads.AsSpan(XcImageHeader.Layout.Size), "xc_domain_header");
        ReadHeads(heads, start);
        Span<byte> head = stackalloc byte[XcRecordHead.Layout.Size];
        XcRecordType type;
        do
        {
            _start = cursor.Position;
            cursor.Read(head, "xc_record", "type");
            XcRecordHead begin = XcRecordHead.Parse(head);
            type = begin.Type;
            ReadRecord(type, begin.Length, head);
        }
        while (type != XcRecordType.End);
        Finish();
    }

    private void ReadHeads(byte[] heads, long start)
    {
        if (!XcImageHeader.TryParse(heads, out XcImageHeader image, out ParseError error))
            throw error.MovedBy(start).ToException();
        if (image.Version is < OldestVersion or > NewestVersion)
            throw Bad("xc_image_header", "version", start + XcImageHeader.Layout.Offset.Version, "2 or 3", $"{image.Version}");
        if (image.Options != 0)
            throw Bad("xc_image_header", "options", start + XcImageHeader.Layout.Offset.Options, "records of little endian", $"0x{image.Options:x}");
        XcDomainHeader header = XcDomainHeader.Parse(heads.AsSpan(XcImageHeader.Layout.Size));
        if (!Enum.IsDefined(header.Type))
            throw Bad("xc_domain_header", "type", start + XcImageHeader.Layout.Size, "1 (PV) or 2 (HVM)", $"{(uint)header.Type}");
        if (header.PageShift != X86Page.Shift)
        {
            long at = start + XcImageHeader.Layout.Size + XcDomainHeader.Layout.Offset.PageShift;
            throw Bad("xc_domain_header", "page_shift", at, $"{X86Page.Shift}", $"{header.PageShift}");
        }

        domain.StreamVersion = image.Version;
        domain.Type = header.Type;
        domain.Xen = (header.XenMajor, header.XenMinor);
    }

    private void ReadRecord(XcRecordType type, uint length, ReadOnlySpan<byte> head)
    {
        _name = RecordNames.Find(XcRecordTypeLayout.Info, (ulong)type);
        if (!Enum.IsDefined(type) && ((uint)type & Optional) == 0)
            throw Bad("xc_record", "type", _start, "a kind that is known, or one that may be passed over", $"0x{(uint)type:x}");
        if (length > MostLength)
            throw Bad("xc_record", "length", _start + sizeof(uint), $"at most {MostLength} bytes", $"{length}");
        records.Add(new SavedRecord(false, (uint)type, _start, length));
        if (OwnerOf(type) is { } owner && owner != domain.Type)
        {
            string expected = domain.Type == XcDomainType.X86Pv ? "a record of a PV domain" : "a record of an HVM or PVH domain";
            throw Bad("xc_record", "type", _start, expected, _name);
        }

        if (domain.Type == XcDomainType.X86Pv && domain.Word is null && NeedsWord(type))
            throw Bad("xc_record", "type", _start, "X86_PV_INFO first", _name);
        if (domain is { Type: XcDomainType.X86Pv, FrameCount: null } && type == XcRecordType.PageData)
            throw Bad("xc_record", "type", _start, "X86_PV_P2M_FRAMES first", _name);
        if (type == XcRecordType.PageData)
        {
            ReadPages(length);
            return;
        }

        byte[] body = length == 0 ? [] : cursor.Read((length + 7L) & ~7L, "xc_record", _name);
        if (Enum.IsDefined(type))
            Read(XcRecord.Parse((byte[])[.. head, .. body]));
    }

    private static bool NeedsWord(XcRecordType type) => type is XcRecordType.X86PvP2mFrames or XcRecordType.PageData or XcRecordType.X86PvVcpuBasic;

    /// <summary>The only type of domain whose streams have a record; null if those of all may.</summary>
    /// <remarks>Source: xg_sr_restore_x86_pv.c and xg_sr_restore_x86_hvm.c in Xen's tools/libs/guest, which refuse those of the other type.</remarks>
    private static XcDomainType? OwnerOf(XcRecordType type) => type switch
    {
        XcRecordType.X86PvInfo or XcRecordType.X86PvP2mFrames or XcRecordType.X86PvVcpuBasic or XcRecordType.X86PvVcpuExtended
            or XcRecordType.X86PvVcpuXsave or XcRecordType.X86PvVcpuMsrs or XcRecordType.SharedInfo => XcDomainType.X86Pv,
        XcRecordType.HvmContext or XcRecordType.HvmParams => XcDomainType.X86Hvm,
        _ => null,
    };

    private void Read(XcRecord record)
    {
        XcRecordBody body = record.Body;
        ParseError error = default;
        switch (record.Type)
        {
            case XcRecordType.X86PvInfo when body.TryGetXcPvInfo(out XcPvInfo info, out error):
                if (domain.Word is not null)
                    throw Wrong("one of it", "another one");
                if ((info.GuestWidth, info.PtLevels) is not ((4, 3) or (8, 4)))
                    throw Wrong("words of 8 bytes with 4 levels of tables, or of 4 with 3", $"{info.GuestWidth} bytes, {info.PtLevels} levels");
                domain.Word = (WordSize)(info.GuestWidth * 8);
                domain.PageTableLevels = info.PtLevels;
                break;
            case XcRecordType.X86PvP2mFrames when body.TryGetXcP2mFrames(out XcP2mFrames frames, out error):
                ReadFrames(frames);
                break;
            case XcRecordType.X86PvVcpuBasic when body.TryGetVcpuBasic(out XcVcpu basic, out error):
                int size = ViewAccess.SizeOf<VcpuGuestContext>(domain.Word!.Value);
                if (basic.Context.Length != size)
                    throw Wrong($"a vcpu_guest_context of {size} bytes", $"{basic.Context.Length}");
                byte[] context = basic.Context.ToArray();
                Change(basic.VcpuId, processor => processor with { Context = context });
                break;
            case XcRecordType.X86PvVcpuExtended when body.TryGetVcpuExtended(out XcVcpu extended, out error):
                int extendedLength = extended.Context.Length;
                Change(extended.VcpuId, processor => processor with { ExtendedLength = extendedLength });
                break;
            case XcRecordType.X86PvVcpuXsave when body.TryGetVcpuXsave(out XcVcpu xsave, out error):
                int xsaveLength = xsave.Context.Length;
                Change(xsave.VcpuId, processor => processor with { XsaveLength = xsaveLength });
                break;
            case XcRecordType.X86PvVcpuMsrs when body.TryGetVcpuMsrs(out XcVcpu registers, out error):
                int registersLength = registers.Context.Length;
                Change(registers.VcpuId, processor => processor with { RegistersLength = registersLength });
                break;
            case XcRecordType.SharedInfo:
                if (record.Length != X86Page.Size)
                    throw Wrong($"{X86Page.Size} bytes", $"{record.Length}");
                domain.SharedInfo = body.AsSpan()[..X86Page.Size].ToArray();
                break;
            default:
                break;
        }

        if (error.IsError)
            throw Wrong(error.Expected, error.Found);
    }

    private void ReadFrames(XcP2mFrames frames)
    {
        ulong count = frames.EndPfn + 1UL;
        ulong inPage = (ulong)(X86Page.Size * 8 / (int)domain.Word!.Value);
        ulong needed = (count + inPage - 1) / inPage;
        ImmutableArray<ulong> list = [.. frames.Frames];
        if (frames.StartPfn != 0 || (ulong)list.Length != needed)
            throw Wrong($"{needed} pages for the frames 0x0 to 0x{frames.EndPfn:x}", $"{list.Length}, from frame 0x{frames.StartPfn:x} on");
        foreach (ulong frame in list)
        {
            if (frame >= count)
                throw Wrong($"frames below 0x{count:x}", $"0x{frame:x}");
        }

        domain.FrameCount = count;
        domain.FrameList = list;
    }

    private void ReadPages(uint length)
    {
        Span<byte> head = stackalloc byte[XcPageData.Layout.Size];
        if (length < head.Length)
            throw Wrong($"at least {head.Length} bytes", $"{length}");
        cursor.Read(head, "xc_record", _name);
        uint count = XcPageDataHead.Parse(head).Count;
        long most = (length - head.Length) / sizeof(ulong);
        if (count == 0 || count > most)
            throw Wrong($"1 to {most} pages in {length} bytes", $"{count}");
        byte[] numbers = cursor.Read((long)count * sizeof(ulong), "xc_record", _name);
        XcPageInfo[] pages = XcPageData.Parse((byte[])[.. head, .. numbers]).Pages.ToArray();
        long contents = 0;
        for (int i = 0; i < pages.Length; i++)
        {
            XcPageType kind = pages[i].GetKind();
            if (!Enum.IsDefined(kind))
                throw Wrong("a kind of page that is known", $"0x{(byte)kind:x} for frame 0x{pages[i].GetPfn():x}");
            if (domain.FrameCount is { } frames && pages[i].GetPfn() >= frames)
                throw Wrong($"frames below 0x{frames:x}", $"0x{pages[i].GetPfn():x}");
            _pages[kind] = _pages.GetValueOrDefault(kind) + 1;
            contents += kind < XcPageType.Broken ? X86Page.Size : 0;
        }

        long rest = length - head.Length - numbers.Length;
        if (rest != contents)
            throw Wrong($"{contents} bytes of contents for its pages", $"{rest}");
        if (sink is null || domain.Type != XcDomainType.X86Pv)
            cursor.Skip(rest, "xc_record", _name);
        else
            sink(pages, rest == 0 ? [] : cursor.Read(rest, "xc_record", _name));
    }

    private void Change(uint id, Func<SavedProcessor, SavedProcessor> change) =>
        _processors[id] = change(_processors.TryGetValue(id, out SavedProcessor? known) ? known : new SavedProcessor(id));

    /// <summary>A domain that lacks what a restore needs is none.</summary>
    private void Finish()
    {
        domain.Processors = [.. _processors.Values];
        domain.Pages = _pages.ToImmutableSortedDictionary();
        if (domain.Type != XcDomainType.X86Pv)
            return;
        _name = "END";
        if (domain.FrameCount is null)
            throw Wrong("X86_PV_P2M_FRAMES before it", "none");
        if (domain.SharedInfo.IsEmpty)
            throw Wrong("SHARED_INFO before it", "none");
        if (!domain.Processors.Any(static processor => !processor.Context.IsEmpty))
            throw Wrong("X86_PV_VCPU_BASIC before it", "none");
    }

    private BootFormatException Wrong(string expected, string found) => Bad("xc_record", _name, _start, expected, found);

    private static BootFormatException Bad(string structure, string field, long offset, string expected, string found) =>
        new(BootErrorCode.BadValue, structure, field, offset, expected, found);
}
