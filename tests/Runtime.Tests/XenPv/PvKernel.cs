using System.Text;
using BootProtocol.Elf;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Xen;

namespace BootProtocol.Runtime.Tests.XenPv;

/// <summary>A small kernel whose notes ask for whatever a test wants.</summary>
internal sealed record PvKernel
{
    public WordSize Word { get; init; } = WordSize.Bits64;

    public ulong VirtualBase { get; init; }

    public ulong? PaddrOffset { get; init; }

    /// <summary>Where its only segment is linked, above the physical address that belongs to the virtual base.</summary>
    public ulong Start { get; init; }

    public int FileSize { get; init; } = 100;

    public ulong MemorySize { get; init; } = 5000;

    /// <summary>Where it starts, above its first byte.</summary>
    public ulong Entry { get; init; }

    public ulong? InitP2M { get; init; }

    public uint? ModStartPfn { get; init; }

    public ulong? HypercallPage { get; init; }

    public string PaeMode { get; init; } = "yes";

    public string? Features { get; init; }

    public string? BsdSymtab { get; init; }

    /// <summary>Sections to add, such as one of symbols.</summary>
    public TestSection[] Sections { get; init; } = [];

    /// <summary>The text of <c>__xen_guest</c>, in place of all notes.</summary>
    public string? XenGuest { get; init; }

    /// <summary>Makes the file.</summary>
    public byte[] Build()
    {
        byte[] code = new byte[FileSize];
        new Random(FileSize).NextBytes(code);
        var elf = new TestElf { Word = Word };
        elf.Add(new TestSegment(SegmentType.Load, code)
        {
            Flags = SegmentFlags.Read | SegmentFlags.Write | SegmentFlags.Execute,
            PhysicalAddress = (PaddrOffset ?? 0) + Start,
            VirtualAddress = 0x12345000,
            MemorySize = MemorySize,
            Alignment = 4096,
        });
        if (XenGuest is not null)
            elf.Add(new TestSection(XenGuestString.SectionName, SectionType.ProgramBits, Encoding.ASCII.GetBytes(XenGuest + '\0')));
        else
            elf.Add(Notes().Segment());
        return elf.Add(Sections).Build();
    }

    private TestNotes Notes()
    {
        var notes = new TestNotes();
        notes.Add("Xen", XenNotes.Number.Loader, "generic");
        notes.Add("Xen", XenNotes.Number.GuestOs, "test");
        notes.Add("Xen", XenNotes.Number.XenVersion, "xen-3.0");
        notes.Add("Xen", XenNotes.Number.PaeMode, PaeMode);
        Add(XenNotes.Number.VirtBase, VirtualBase);
        Add(XenNotes.Number.Entry, VirtualBase + Start + Entry);
        Add(XenNotes.Number.PaddrOffset, PaddrOffset);
        Add(XenNotes.Number.InitP2M, InitP2M);
        Add(XenNotes.Number.HypercallPage, HypercallPage);
        if (ModStartPfn is { } value)
            notes.Add("Xen", XenNotes.Number.ModStartPfn, value);
        if (Features is { } features)
            notes.Add("Xen", XenNotes.Number.Features, features);
        if (BsdSymtab is { } symbols)
            notes.Add("Xen", XenNotes.Number.BsdSymtab, symbols);
        return notes;

        void Add(uint type, ulong? number)
        {
            if (number is not { } given)
                return;
            if (Word == WordSize.Bits32)
                notes.Add("Xen", type, (uint)given);
            else
                notes.Add("Xen", type, given);
        }
    }
}
