using System.Text;
using BootProtocol.LinuxX86;
using BootProtocol.Output;
using BootProtocol.Stubs;

namespace BootProtocol.Boot.Tests.Machines;

/// <summary>
/// Starts a kernel by the 64-bit boot protocol: everything is laid out in one PVH file, whose entry stub turns long mode on, points rsi to
/// the zero page and jumps.
/// </summary>
internal sealed class LongModeStart
{
    private const uint Base = 0x3000000;
    private const uint ZeroPage = Base + 0x1000;
    private const uint Tables = Base + 0x2000;
    private const uint CommandLineAddress = Base + 0xa000;
    private const uint SetupDataAddress = Base + 0xc000;
    private const uint InitrdAddress = Base + 0x100000;

    /// <summary>The setup header of the kernel's image.</summary>
    public required ReadOnlyMemory<byte> Header { get; init; }

    /// <summary>What is to be loaded.</summary>
    public required PhysicalSegment[] Kernel { get; init; }

    /// <summary>Where it is entered.</summary>
    public required uint Entry { get; init; }

    public bool FiveLevels { get; init; }

    public string CommandLine { get; init; } = "";

    public ReadOnlyMemory<byte> Initrd { get; init; }

    /// <summary>A setup_data list, linked from the zero page.</summary>
    public ReadOnlyMemory<byte> SetupData { get; init; }

    /// <summary>Where the list is, for pointers in it.</summary>
    public static uint SetupDataPlace => SetupDataAddress;

    public byte[] Write()
    {
        StubImage stub = EntryStub.Create(new EntryStubOptions
        {
            Address = new Paddr(Base),
            Mode = EntryMode.Linux64,
            EntryPoint = new Paddr(Entry),
            Parameters = new Paddr(ZeroPage),
            PageTables = IdentityTables.Top(Tables, FiveLevels),
            FiveLevels = FiveLevels,
            TakeMemoryMap = false,
            TakeRsdp = false,
        });
        using var file = new MemoryStream();
        PvhElf.Write(
            file,
            stub.Entry,
            [
                stub.Segment,
                new PhysicalSegment(new Paddr(ZeroPage), Page()),
                new PhysicalSegment(new Paddr(Tables), IdentityTables.Write(Tables)),
                new PhysicalSegment(new Paddr(CommandLineAddress), Encoding.ASCII.GetBytes(CommandLine + "\0")),
                new PhysicalSegment(new Paddr(SetupDataAddress), SetupData),
                new PhysicalSegment(new Paddr(InitrdAddress), Initrd),
                .. Kernel,
            ]);
        return file.ToArray();
    }

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
}
