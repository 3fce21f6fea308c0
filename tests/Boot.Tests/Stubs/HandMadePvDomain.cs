using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using BootProtocol.Elf;
using BootProtocol.Output;
using BootProtocol.Rules;
using BootProtocol.Sample;
using BootProtocol.Stubs;
using BootProtocol.Xen;
using Info = BootProtocol.Xen.StartInfo;

namespace BootProtocol.Boot.Tests.Stubs;

/// <summary>The sample kernel as a PV domain, laid out by hand: its machine frames follow one another, and are physical ones.</summary>
internal sealed class HandMadePvDomain
{
    public const int Pages = 4096;
    public const int MappedPages = 0x400;

    /// <summary>Where the hypervisor stub lies, across the end of a large page.</summary>
    public const uint StubPlace = 0x7f8000;

    private const uint Machine = 0x1000000;
    private const int PageSize = 4096;
    private const ulong Table = 0x67;
    private const ulong Page = 0x23;
    private const ulong ReadOnlyPage = 0x21;

    private readonly byte[] _memory = new byte[MappedPages * PageSize];
    private readonly WordSize _word;
    private readonly ulong _base;
    private readonly int _initrd;
    private readonly int _frameList;
    private readonly int _startInfo;
    private readonly int _tables;
    private readonly int _stack;

    public HandMadePvDomain(WordSize word, byte[] initrd, string commandLine)
    {
        _word = word;
        ElfFile kernel = ElfFile.Open(KernelBytes.FromMemory(SampleKernel.Link(word).Elf));
        var xen = XenGuestParameters.Read(kernel);
        EntryPoint = xen.Entry;
        _base = xen.VirtualBase.Value;
        foreach (Segment segment in kernel.LoadSegments)
            kernel.Read(segment).CopyTo(_memory.AsSpan((int)segment.PhysicalAddress.Value));

        _initrd = PagesOf((int)(xen.End.Value - _base));
        _frameList = _initrd + PagesOf(initrd.Length);
        _startInfo = _frameList + PagesOf(Pages * WordBytes);
        _tables = _startInfo + 1;
        TableFrames = IsWide ? 5 : 7; // the upper tables, and two of level 1 for 4 MiB
        _stack = _tables + TableFrames;
        initrd.CopyTo(_memory, _initrd * PageSize);
        for (int i = 0; i < Pages; i++)
            PutFrame(i);
        PutTables();
        PutStartInfo(initrd.Length, commandLine);
    }

    public int TableFrames { get; }

    public Vaddr EntryPoint { get; init; }

    public Vaddr StartInfo => Virtual(_startInfo);

    /// <summary>The top page table, where the domain sees it.</summary>
    public Vaddr FirstTable => Virtual(_tables);

    public Paddr PageTables => new(MachineAddress(_tables));

    public uint FrameListChecksum => Crc32.HashToUInt32(_memory.AsSpan(_frameList * PageSize, Pages * WordBytes));

    private bool IsWide => _word == WordSize.Bits64;

    private int WordBytes => (int)_word / 8;

    /// <summary>Puts something in the place of the kernel.</summary>
    /// <param name="offset">Where, in bytes from the entry point.</param>
    /// <param name="bytes">What.</param>
    public void Replace(uint offset, ReadOnlySpan<byte> bytes) => bytes.CopyTo(_memory.AsSpan((int)(EntryPoint.Value - _base + offset)));

    /// <summary>The file that starts it.</summary>
    public byte[] File()
    {
        StubImage stub = HypervisorStub.Create(new HypervisorStubOptions
        {
            Address = new Paddr(StubPlace),
            Word = _word,
            PageTables = PageTables,
            EntryPoint = EntryPoint,
            StackPointer = Virtual(_stack + 1),
            StartInfo = StartInfo,
        });
        using var file = new MemoryStream();
        PvhElf.Write(file, stub.Entry, [stub.Segment, new PhysicalSegment(new Paddr(Machine), _memory)]);
        return file.ToArray();
    }

    private static int PagesOf(int bytes) => (bytes + PageSize - 1) / PageSize;

    private Vaddr Virtual(int page) => new(_base + (ulong)page * PageSize);

    private static ulong MachineAddress(int page) => Machine + ((ulong)page * PageSize);

    private void PutFrame(int page)
    {
        Span<byte> place = _memory.AsSpan((_frameList * PageSize) + (page * WordBytes));
        ulong frame = MachineAddress(page) / PageSize;
        if (IsWide)
            BinaryPrimitives.WriteUInt64LittleEndian(place, frame);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(place, (uint)frame);
    }

    /// <summary>The top table, those of levels 3 (with 64 bits) and 2, then of level 1; with PAE there are four of level 2.</summary>
    private void PutTables()
    {
        int upper = TableFrames - 2;
        int topShift = IsWide ? 39 : 30;
        int lastUpper = upper - 1;
        if (IsWide)
        {
            Put(_tables, (int)(_base >> topShift & 511), MachineAddress(_tables + 1) | Table);
            Put(_tables + 1, (int)(_base >> 30 & 511), MachineAddress(_tables + 2) | Table);
        }
        else
        {
            for (int i = 0; i < 4; i++)
                Put(_tables, i, MachineAddress(_tables + 1 + i) | Table);
        }

        for (int i = 0; i < 2; i++)
            Put(_tables + lastUpper, (int)(_base >> 21 & 511) + i, MachineAddress(_tables + upper + i) | Table);
        for (int i = 0; i < MappedPages; i++)
        {
            bool isTable = i >= _tables && i < _tables + TableFrames;
            Put(_tables + upper, i, MachineAddress(i) | (isTable ? ReadOnlyPage : Page));
        }
    }

    private void Put(int table, int index, ulong entry) =>
        BinaryPrimitives.WriteUInt64LittleEndian(_memory.AsSpan((table * PageSize) + (index * sizeof(ulong))), entry);

    private void PutStartInfo(int initrdLength, string commandLine)
    {
        Span<byte> place = _memory.AsSpan(_startInfo * PageSize, PageSize);
        Info.Writer info = Info.Create(place, _word);
        Encoding.ASCII.GetBytes(IsWide ? "xen-3.0-x86_64" : "xen-3.0-x86_32p", place);
        info.NrPages = Pages;
        info.PtBase = Virtual(_tables);
        info.NrPtFrames = (ulong)TableFrames;
        info.MfnList = Virtual(_frameList);
        info.ModStart = Virtual(_initrd);
        info.ModLen = (ulong)initrdLength;
        Encoding.ASCII.GetBytes(commandLine, place[(IsWide ? Info.Layout.Offset64.CmdLine : Info.Layout.Offset32.CmdLine)..]);
    }
}
