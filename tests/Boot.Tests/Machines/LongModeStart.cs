using System.Buffers.Binary;
using System.Text;
using BootProtocol.LinuxX86;
using BootProtocol.X86;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace BootProtocol.Boot.Tests.Machines;

/// <summary>
/// Starts a kernel by the 64-bit boot protocol: everything is laid out in one PVH file, whose code turns long mode on, points rsi to the
/// zero page and jumps.
/// </summary>
internal sealed class LongModeStart
{
    private const uint Base = 0x3000000;
    private const uint ZeroPage = Base + 0x1000;
    private const uint Tables = Base + 0x2000;
    private const uint CommandLineAddress = Base + 0xa000;
    private const uint SetupDataAddress = Base + 0xc000;
    private const uint InitrdAddress = Base + 0x100000;
    private const int PageSize = 4096;
    private const int Entries = 512;
    private const int Gigabytes = 4;
    private const ushort CodeSelector = 0x10;
    private const ushort DataSelector = 0x18;
    private const uint EferRegister = 0xc0000080;

    /// <summary>The setup header of the kernel's image.</summary>
    public required ReadOnlyMemory<byte> Header { get; init; }

    /// <summary>What is to be loaded.</summary>
    public required ElfSegment[] Kernel { get; init; }

    /// <summary>Where it is entered.</summary>
    public required uint Entry { get; init; }

    public bool FiveLevels { get; init; }

    public string CommandLine { get; init; } = "";

    public ReadOnlyMemory<byte> Initrd { get; init; }

    /// <summary>A setup_data list, linked from the zero page.</summary>
    public ReadOnlyMemory<byte> SetupData { get; init; }

    /// <summary>Where the list is, for pointers in it.</summary>
    public static uint SetupDataPlace => SetupDataAddress;

    public byte[] Write() => PvhFile.Write(
        Base,
        [
            new ElfSegment(Base, Code()),
            new ElfSegment(ZeroPage, Page()),
            new ElfSegment(Tables, PageTables()),
            new ElfSegment(CommandLineAddress, Encoding.ASCII.GetBytes(CommandLine + "\0")),
            .. SetupData.IsEmpty ? [] : (ElfSegment[])[new ElfSegment(SetupDataAddress, SetupData)],
            .. Initrd.IsEmpty ? [] : (ElfSegment[])[new ElfSegment(InitrdAddress, Initrd)],
            .. Kernel,
        ]);

    private byte[] Page()
    {
        byte[] page = new byte[BootParams.Layout.Size];
        Header.Span.CopyTo(page.AsSpan(BootParams.Layout.Offset.Hdr));
        SetupHeader.Writer header = BootParams.Edit(page).Hdr;
        header.TypeOfLoader = (LoaderType)0xff;
        header.CmdLinePtr = new Paddr(CommandLineAddress);
        header.RamdiskImage = new Paddr(Initrd.IsEmpty ? 0 : InitrdAddress);
        header.RamdiskSize = (uint)Initrd.Length;
        header.SetupData = new Paddr(SetupData.IsEmpty ? 0 : SetupDataAddress);
        return page;
    }

    /// <summary>The tables for identity: levels 5, 4, 3, and one of level 2 for each GiB.</summary>
    private static byte[] PageTables()
    {
        byte[] tables = new byte[(3 + Gigabytes) * PageSize];
        Put(0, 0, Tables + PageSize + (uint)(Pml5e.Present | Pml5e.Writable));
        Put(1, 0, Tables + (2 * PageSize) + (uint)(Pml4e.Present | Pml4e.Writable));
        for (int i = 0; i < Gigabytes; i++)
            Put(2, i, Tables + ((uint)(3 + i) * PageSize) + (uint)(Pdpte.Present | Pdpte.Writable));
        for (int i = 0; i < Gigabytes * Entries; i++)
            Put(3, i, ((ulong)i << 21) | (ulong)(Pde2M.Present | Pde2M.Writable | Pde2M.PageSize));
        return tables;

        void Put(int table, int index, ulong value) =>
            BinaryPrimitives.WriteUInt64LittleEndian(tables.AsSpan((table * PageSize) + (index * sizeof(ulong))), value);
    }

    private byte[] Code()
    {
        const uint Descriptors = Base + 0x800;
        var c = new Assembler(32);
        c.lgdt(__fword_ptr[Descriptors + (4 * sizeof(ulong))]);
        c.mov(eax, cr4);
        c.or(eax, (int)(FiveLevels ? Cr4.Pae | Cr4.La57 : Cr4.Pae));
        c.mov(cr4, eax);
        c.mov(eax, FiveLevels ? Tables : Tables + PageSize);
        c.mov(cr3, eax);
        c.mov(ecx, EferRegister);
        c.rdmsr();
        c.or(eax, (int)Efer.Lme);
        c.wrmsr();
        c.mov(eax, cr0);
        c.or(eax, unchecked((int)(uint)Cr0.Pg));
        c.mov(cr0, eax);
        c.mov(eax, DataSelector);
        c.mov(ds, eax);
        c.mov(es, eax);
        c.mov(ss, eax);
        c.mov(esp, Base + 0x1000);
        c.mov(esi, ZeroPage);
        c.push(CodeSelector);
        c.push((int)Entry);
        c.retf();

        byte[] page = new byte[PageSize];
        using var stream = new MemoryStream(page);
        c.Assemble(new StreamCodeWriter(stream), Base);
        Span<byte> table = page.AsSpan((int)(Descriptors - Base));
        ulong code = Flat(SegmentType.CodeExecuteRead, SegmentDescriptor.LongMode);
        ulong data = Flat(SegmentType.DataReadWrite, SegmentDescriptor.Default32);
        BinaryPrimitives.WriteUInt64LittleEndian(table[CodeSelector..], code);
        BinaryPrimitives.WriteUInt64LittleEndian(table[DataSelector..], data);
        BinaryPrimitives.WriteUInt16LittleEndian(table[(4 * sizeof(ulong))..], (4 * sizeof(ulong)) - 1);
        BinaryPrimitives.WriteUInt32LittleEndian(table[((4 * sizeof(ulong)) + sizeof(ushort))..], Descriptors);
        return page;
    }

    private static ulong Flat(SegmentType type, SegmentDescriptor mode) => (ulong)(default(SegmentDescriptor)
        .WithLimitLow(0xffff).WithLimitHigh(0xf).WithKind(type)
        | SegmentDescriptor.CodeOrData | SegmentDescriptor.Present | SegmentDescriptor.Granularity | mode);
}
