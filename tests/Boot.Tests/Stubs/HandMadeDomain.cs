using System.Text;
using BootProtocol.Boot.Tests.Machines;
using BootProtocol.Elf;
using BootProtocol.LinuxX86;
using BootProtocol.Output;
using BootProtocol.Sample;
using BootProtocol.Stubs;
using BootProtocol.Xen;

namespace BootProtocol.Boot.Tests.Stubs;

/// <summary>The sample kernel and its parameters, laid out by hand around an entry stub.</summary>
internal sealed class HandMadeDomain(EntryMode mode, WordSize word)
{
    /// <summary>Where the stub lies.</summary>
    public const uint StubPlace = 0x100000;

    /// <summary>Where a stub lies that runs before it.</summary>
    public const uint FirstStubPlace = 0x101000;

    /// <summary>Where there is room for a memory map.</summary>
    public const uint RoomPlace = 0x140000;

    private const uint ParametersPlace = 0x110000;
    private const uint CommandLinePlace = 0x111000;
    private const uint TablesPlace = 0x120000;
    private const uint InitrdPlace = 0x3000000;

    /// <summary>The entries of the memory map that was built.</summary>
    public IReadOnlyList<(ulong Address, ulong Size, uint Type)> Map { get; init; } = [];

    /// <summary>Entries for which there is room elsewhere; 0 for no room.</summary>
    public int Room { get; init; }

    public bool TakeMemoryMap { get; init; } = true;

    public bool TakeRsdp { get; init; } = true;

    public ulong Rsdp { get; init; }

    public bool FiveLevels { get; init; }

    public string CommandLine { get; init; } = "";

    public byte[] Initrd { get; init; } = [];

    /// <summary>The stub.</summary>
    public StubImage Stub() => EntryStub.Create(new EntryStubOptions
    {
        Address = new Paddr(StubPlace),
        Mode = mode,
        EntryPoint = EntryPoint,
        Parameters = new Paddr(ParametersPlace),
        PageTables = IdentityTables.Top(TablesPlace, FiveLevels),
        FiveLevels = FiveLevels,
        TakeMemoryMap = TakeMemoryMap,
        TakeRsdp = TakeRsdp,
        MemoryMapRoom = Room == 0 ? null : new MemoryMapRoom(new Paddr(RoomPlace), Room),
    });

    /// <summary>The file that starts it.</summary>
    /// <param name="first">A stub that runs before the domain's own, with its memory.</param>
    public byte[] File(StubImage? first = null, params PhysicalSegment[] more)
    {
        StubImage stub = Stub();
        using var file = new MemoryStream();
        PhysicalSegment[] before = first is null ? more : [first.Segment, .. more];
        PvhElf.Write(file, (first ?? stub).Entry, [stub.Segment, .. Segments(), .. before]);
        return file.ToArray();
    }

    private static ElfFile Kernel(WordSize word) => ElfFile.Open(KernelBytes.FromMemory(SampleKernel.Link(word).Elf));

    private Paddr EntryPoint => mode == EntryMode.Pvh
        ? Kernel(word).Notes.Xen.Phys32Entry!.Value
        : new Paddr(Kernel(word).Header.Entry.Value);

    private IEnumerable<PhysicalSegment> Segments()
    {
        ElfFile kernel = Kernel(word);
        foreach (Segment segment in kernel.LoadSegments)
            yield return new PhysicalSegment(segment.PhysicalAddress, kernel.Read(segment).ToArray(), segment.MemorySize);
        yield return Part(ParametersPlace, mode == EntryMode.Pvh ? StartInfo() : ZeroPage());
        yield return Part(CommandLinePlace, Encoding.ASCII.GetBytes(CommandLine + "\0"));
        if (mode == EntryMode.Linux64)
            yield return Part(TablesPlace, IdentityTables.Write(TablesPlace));
        if (mode == EntryMode.Pvh)
            yield return Part(RoomPlace, MapTable(Map, Room));
        else if (Room > 0)
            yield return Part(RoomPlace, ExtendedMap());
        if (Initrd.Length > 0)
            yield return Part(InitrdPlace, Initrd);
    }

    private static PhysicalSegment Part(uint address, byte[] bytes) => new(new Paddr(address), bytes);

    private byte[] ZeroPage()
    {
        byte[] page = new byte[BootParams.Layout.Size];
        SampleGuest.Create(word).AsSpan(0x1f1, SetupHeader.Layout.Size).CopyTo(page.AsSpan(BootParams.Layout.Offset.Hdr));
        BootParams.Writer parameters = BootParams.Edit(page);
        SetupHeader.Writer header = parameters.Hdr;
        header.TypeOfLoader = (LoaderType)0xff;
        header.CmdLinePtr = new Paddr(CommandLinePlace);
        header.RamdiskImage = new Paddr(Initrd.Length == 0 ? 0 : InitrdPlace);
        header.RamdiskSize = (uint)Initrd.Length;
        header.SetupData = new Paddr(Room == 0 ? 0 : RoomPlace);
        parameters.AcpiRsdpAddr = new Paddr(Rsdp);
        parameters.E820Entries = (byte)Math.Min(Map.Count, 128);
        for (int i = 0; i < Math.Min(Map.Count, 128); i++)
            Put(parameters.GetE820Table(i), Map[i]);
        return page;
    }

    private byte[] ExtendedMap()
    {
        byte[] node = new byte[SetupData.Layout.Size + (Room * BootE820Entry.Layout.Size)];
        SetupData.Writer header = SetupData.Create(node);
        header.Type = SetupDataType.E820Ext;
        header.Len = (uint)(Math.Max(0, Map.Count - 128) * BootE820Entry.Layout.Size);
        for (int i = 128; i < Map.Count; i++)
            Put(BootE820Entry.Create(node.AsSpan(SetupData.Layout.Size + ((i - 128) * BootE820Entry.Layout.Size))), Map[i]);
        return node;
    }

    private static void Put(BootE820Entry.Writer entry, (ulong Address, ulong Size, uint Type) range)
    {
        entry.Addr = new Paddr(range.Address);
        entry.Size = range.Size;
        entry.Type = (E820Type)range.Type;
    }

    private byte[] StartInfo()
    {
        byte[] bytes = new byte[HvmStartInfo.Layout.Size + HvmModlistEntry.Layout.Size];
        HvmStartInfo.Writer info = HvmStartInfo.Create(bytes);
        info.Version = 1;
        info.CmdlinePaddr = new Paddr(CommandLinePlace);
        info.RsdpPaddr = new Paddr(Rsdp);
        info.MemmapPaddr = new Paddr(RoomPlace);
        info.MemmapEntries = (uint)Map.Count;
        info.NrModules = Initrd.Length == 0 ? 0u : 1;
        info.ModlistPaddr = new Paddr(ParametersPlace + (uint)HvmStartInfo.Layout.Size);
        HvmModlistEntry.Writer module = HvmModlistEntry.Create(bytes.AsSpan(HvmStartInfo.Layout.Size));
        module.Paddr = new Paddr(InitrdPlace);
        module.Size = (ulong)Initrd.Length;
        return bytes;
    }

    /// <summary>A memory map in the form of PVH.</summary>
    public static byte[] MapTable(IReadOnlyList<(ulong Address, ulong Size, uint Type)> map, int room)
    {
        byte[] table = new byte[Math.Max(room, map.Count) * HvmMemmapTableEntry.Layout.Size];
        for (int i = 0; i < map.Count; i++)
        {
            HvmMemmapTableEntry.Writer entry = HvmMemmapTableEntry.Create(table.AsSpan(i * HvmMemmapTableEntry.Layout.Size));
            entry.Addr = new Paddr(map[i].Address);
            entry.Size = map[i].Size;
            entry.Type = (HvmMemmapType)map[i].Type;
        }

        return table;
    }
}
