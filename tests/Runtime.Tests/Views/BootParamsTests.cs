using System.Buffers.Binary;
using System.Text;
using BootProtocol.LinuxX86;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>A zero page made from a distribution kernel's header, compared with one that is put together byte by byte.</summary>
public sealed class BootParamsTests
{
    private const int HeaderOffset = 0x1f1;
    private const int E820Offset = 0x2d0;

    private static readonly (ulong Start, ulong Size, E820Type Type)[] _map =
    [
        (0, 0x9fc00, E820Type.Ram),
        (0x9fc00, 0x400, E820Type.Reserved),
        (0x100000, 0x7ff00000, E820Type.Ram),
        (0x1_0000_0000, 0x8000_0000, E820Type.Ram),
    ];

    public static TheoryData<string> Kernels => DebianKernels.BzImages;

    [Theory]
    [MemberData(nameof(Kernels))]
    [Needs(Need.Kernels)]
    public void Zero_page_by_a_loader_is_the_one_put_together_by_hand(string kernel)
    {
        byte[] header = KernelHeaderTests.HeaderOf(kernel);
        Assert.Equal(Convert.ToHexString(ByHand(header)), Convert.ToHexString(ByWriter(header)));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    [Needs(Need.Kernels)]
    public void Zero_page_is_read_and_written_again_the_same(string kernel)
    {
        byte[] stored = ByHand(KernelHeaderTests.HeaderOf(kernel));
        BootParams from = BootParams.Parse(stored);
        Assert.Equal(4, from.E820Table.Count);
        Assert.Equal(new ProtocolVersion(2, 15), from.Hdr.Version);

        byte[] written = new byte[BootParams.Layout.Size];
        BootParams.Author to = BootParams.Create(written);
        SetupHeader.Create(written.AsSpan(BootParams.Layout.Offset.Hdr), from.Hdr.Version);
        KernelHeaderTests.Copy(from.Hdr, to.Hdr);
        written[SetupHeader.Layout.Offset.SetupMoveSize + 1] = 0x80;
        ScreenInfo.Writer screen = to.ScreenInfo;
        screen.OrigVideoCols = from.ScreenInfo.OrigVideoCols;
        screen.OrigVideoLines = from.ScreenInfo.OrigVideoLines;
        screen.OrigVideoIsVGA = from.ScreenInfo.OrigVideoIsVGA;
        EfiInfo.Writer efi = to.EfiInfo;
        efi.SetEfiLoaderSignature(from.EfiInfo.EfiLoaderSignature);
        to.AcpiRsdpAddr = from.AcpiRsdpAddr;
        from.Hd0Info.CopyTo(to.Hd0Info);
        to.ExtRamdiskImage = from.ExtRamdiskImage;
        to.CcBlobAddress = from.CcBlobAddress;
        to.AltMemK = from.AltMemK;
        to.E820Entries = from.E820Entries;
        to.EddMbrSigBufEntries = from.EddMbrSigBufEntries;
        to.SetEddMbrSigBuffer(0, from.EddMbrSigBuffer[0]);
        to.Sentinel = from.Sentinel;
        for (int i = 0; i < from.E820Table.Count; i++)
        {
            BootE820Entry.Writer entry = to.GetE820Table(i);
            entry.Addr = from.E820Table[i].Addr;
            entry.Size = from.E820Table[i].Size;
            entry.Type = from.E820Table[i].Type;
        }

        Assert.Equal(Convert.ToHexString(stored), Convert.ToHexString(written));
    }

    [Fact]
    public void Count_beyond_the_table_gives_the_whole_table()
    {
        byte[] bytes = new byte[BootParams.Layout.Size];
        BootParams.Create(bytes).E820Entries = 255;
        BootParams parameters = BootParams.Parse(bytes);
        Assert.Equal(255, parameters.E820Entries);
        Assert.Equal(128, parameters.E820Table.Count);
        Assert.Equal(
            "The index must be from 0 to 127. (Parameter 'index')\nActual value was 128.",
            Assert.Throws<ArgumentOutOfRangeException>(() => BootParams.Parse(bytes).E820Table[128].Size).Message.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Loader_cannot_write_what_the_kernel_keeps_for_itself()
    {
        Assert.Null(typeof(BootParams.Writer).GetProperty("Scratch"));
        Assert.Null(typeof(BootParams.Writer).GetProperty("Hd0Info"));
        Assert.Equal(typeof(SetupHeader.Writer), typeof(BootParams.Writer).GetProperty("Hdr")!.PropertyType);
        Assert.Null(typeof(SetupHeader.Writer).GetProperty("SetupSects"));
        Assert.Null(typeof(SetupHeader.Writer).GetProperty("InitSize"));
    }

    private static byte[] ByWriter(byte[] header)
    {
        byte[] page = new byte[BootParams.Layout.Size];
        BootParams.Author author = BootParams.Create(page);
        author.Sentinel = 0xff;
        for (int i = 0; i < 16; i++)
            author.Hd0Info[i] = (byte)i;
        header.CopyTo(page.AsSpan(BootParams.Layout.Offset.Hdr));

        BootParams.Writer writer = BootParams.Edit(page);
        SetupHeader.Writer hdr = writer.Hdr;
        hdr.TypeOfLoader = (LoaderType)0xff;
        hdr.CmdLinePtr = new Paddr(0x20000);
        hdr.RamdiskImage = new Paddr(0x8000_0000);
        hdr.RamdiskSize = 0x123456;
        ScreenInfo.Writer screen = writer.ScreenInfo;
        screen.OrigVideoCols = 80;
        screen.OrigVideoLines = 25;
        screen.OrigVideoIsVGA = (VideoType)1;
        EfiInfo.Writer efi = writer.EfiInfo;
        efi.SetEfiLoaderSignature("EL64");
        writer.AcpiRsdpAddr = new Paddr(0xe0000);
        writer.ExtRamdiskImage = 1;
        writer.CcBlobAddress = new Paddr(0x5000);
        writer.AltMemK = 0x1ffc00;
        writer.EddMbrSigBufEntries = 1;
        writer.SetEddMbrSigBuffer(0, 0xdeadbeef);
        writer.E820Entries = (byte)_map.Length;
        for (int i = 0; i < _map.Length; i++)
        {
            BootE820Entry.Writer entry = writer.GetE820Table(i);
            entry.Addr = new Paddr(_map[i].Start);
            entry.Size = _map[i].Size;
            entry.Type = _map[i].Type;
        }

        return page;
    }

    private static byte[] ByHand(byte[] header)
    {
        byte[] page = new byte[4096];
        header.CopyTo(page, HeaderOffset);
        page[0x007] = 80;
        page[0x00e] = 25;
        page[0x00f] = 1;
        Put64(0x070, 0xe0000);
        for (int i = 0; i < 16; i++)
            page[0x080 + i] = (byte)i;
        Put32(0x0c0, 1);
        Put32(0x13c, 0x5000);
        Encoding.ASCII.GetBytes("EL64").CopyTo(page, 0x1c0);
        Put32(0x1e0, 0x1ffc00);
        page[0x1e8] = (byte)_map.Length;
        page[0x1ea] = 1;
        page[0x1ef] = 0xff;
        page[0x210] = 0xff;
        Put32(0x218, 0x8000_0000);
        Put32(0x21c, 0x123456);
        Put32(0x228, 0x20000);
        Put32(0x290, 0xdeadbeef);
        for (int i = 0; i < _map.Length; i++)
        {
            Put64(E820Offset + (20 * i), _map[i].Start);
            Put64(E820Offset + (20 * i) + 8, _map[i].Size);
            Put32(E820Offset + (20 * i) + 16, (uint)_map[i].Type);
        }

        return page;

        void Put32(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(offset), value);
        void Put64(int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(offset), value);
    }
}
