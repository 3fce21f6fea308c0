using System.Buffers.Binary;
using BootProtocol.Memory;
using BootProtocol.Verify;
using BootProtocol.X86;
using BootProtocol.Xen;

namespace BootProtocol.XenDomains;

/// <summary>
/// A domain that has not run yet, with the domain's own frame numbers wherever it holds machine frames: in its page tables, its frame list,
/// start_info and cr3. Two domains that were built alike are equal in this form.
/// </summary>
internal sealed class PortableDomain
{
    private const int PageSize = X86Page.Size;
    private const int PageShift = 12;
    private const int IndexBits = 9;

    private readonly XenPvImage _image;
    private readonly Dictionary<ulong, ulong> _own = [];
    private readonly HashSet<ulong> _tables = [];
    private readonly Dictionary<ulong, ulong> _list = [];
    private readonly ulong _startInfo;

    public PortableDomain(XenPvImage image)
    {
        _image = image;
        for (ulong pfn = 0; pfn < image.FrameCount; pfn++)
            _own.Add(image.Frames[new Pfn(pfn)].Value, pfn);
        VcpuGuestContext state = VcpuGuestContext.Parse(image.Context.Span, image.Word);
        ulong top = Own(TopFrame(state.Ctrlreg[3]));
        Collect(top, IsWide ? 4 : 3);

        ulong pointer = IsWide ? state.UserRegs.Rsi!.Value : state.UserRegs.Esi!.Value;
        _startInfo = Find(top, pointer);
        StartInfo start = StartInfo.Parse(Raw(_startInfo).AsSpan(0, StartInfoSize), image.Word);
        for (ulong at = 0; at < image.FrameCount * (ulong)WordBytes; at += PageSize)
            _list.Add(Find(top, start.MfnList.Value + at), at / (ulong)WordBytes);
    }

    public int Tables => _tables.Count;

    public int ListPages => _list.Count;

    private bool IsWide => _image.Word == WordSize.Bits64;

    private int WordBytes => IsWide ? sizeof(ulong) : sizeof(uint);

    private int StartInfoSize => IsWide ? StartInfo.Layout.Size64 : StartInfo.Layout.Size32;

    /// <summary>A page by the domain's own frame number.</summary>
    public byte[] ReadPage(ulong pfn)
    {
        byte[] page = Raw(pfn);
        if (_tables.Contains(pfn))
        {
            for (int at = 0; at < PageSize; at += sizeof(ulong))
            {
                ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(page.AsSpan(at));
                if ((entry & (ulong)Pte.Present) != 0)
                    BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(at), (entry & ~(ulong)Pte.Frame) | (Own(FrameOf(entry)) << PageShift));
            }
        }

        if (_list.TryGetValue(pfn, out ulong first))
        {
            // What lies behind the list's end in its last page is no frame.
            ulong count = Math.Min(PageSize / (ulong)WordBytes, _image.FrameCount - first);
            for (int i = 0; i < (int)count; i++)
                WriteWord(page.AsSpan(i * WordBytes), Own(ReadWord(page.AsSpan(i * WordBytes))));
        }

        if (pfn == _startInfo)
        {
            StartInfo.Writer start = StartInfo.Edit(page.AsSpan(0, StartInfoSize), _image.Word);
            StartInfo view = start.AsView();
            DomuConsole.Writer console = start.ConsoleDomu;
            console.Mfn = new Mfn(Own(console.AsView().Mfn.Value));
            start.StoreMfn = new Mfn(Own(view.StoreMfn.Value));
            start.SharedInfo = default;
        }

        return page;
    }

    /// <summary>The state of the first virtual CPU.</summary>
    public byte[] ReadContext()
    {
        byte[] context = _image.Context.ToArray();
        VcpuGuestContext.Writer state = VcpuGuestContext.Edit(context, _image.Word);
        state.SetCtrlreg(3, Own(TopFrame(state.AsView().Ctrlreg[3])));
        return context;
    }

    private static ulong FrameOf(ulong entry) => (entry & (ulong)Pte.Frame) >> PageShift;

    /// <summary>cr3 of a 32-bit guest has the frame's bits above 20 in its lowest twelve.</summary>
    private ulong TopFrame(ulong cr3) => IsWide ? cr3 >> PageShift : (uint)((cr3 >> PageShift) | (cr3 << (32 - PageShift)));

    private ulong Own(ulong machineFrame) => _own.TryGetValue(machineFrame, out ulong pfn)
        ? pfn
        : throw new InvalidOperationException($"machine frame 0x{machineFrame:x} is none of the domain's");

    private byte[] Raw(ulong pfn)
    {
        byte[] page = new byte[PageSize];
        _image.Memory.Read(new Pfn(pfn).ToPaddr(), page);
        return page;
    }

    private void Collect(ulong table, int level)
    {
        _tables.Add(table);
        if (level == 1)
            return;
        byte[] page = Raw(table);
        int entries = level == 3 && !IsWide ? 4 : PageSize / sizeof(ulong);
        for (int i = 0; i < entries; i++)
        {
            ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(page.AsSpan(i * sizeof(ulong)));
            if ((entry & (ulong)Pte.Present) != 0)
                Collect(Own(FrameOf(entry)), level - 1);
        }
    }

    private ulong Find(ulong top, ulong address)
    {
        ulong frame = top;
        for (int level = IsWide ? 4 : 3; level > 0; level--)
        {
            int index = (int)(address >> (PageShift + (IndexBits * (level - 1)))) & ((1 << IndexBits) - 1);
            ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(Raw(frame).AsSpan(index * sizeof(ulong)));
            frame = (entry & (ulong)Pte.Present) != 0
                ? Own(FrameOf(entry))
                : throw new InvalidOperationException($"nothing is mapped at 0x{address:x}");
        }

        return frame;
    }

    private ulong ReadWord(ReadOnlySpan<byte> bytes) =>
        IsWide ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private void WriteWord(Span<byte> bytes, ulong value)
    {
        if (IsWide)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)value);
    }
}
