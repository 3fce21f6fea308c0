using BootProtocol.LinuxX86;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Views;

/// <summary>The headers of distribution kernels: parsed, and written again field by field, they are the same bytes.</summary>
[Needs(Need.Kernels)]
public sealed class KernelHeaderTests
{
    private const int HeaderOffset = 0x1f1;

    public static TheoryData<string> Kernels => DebianKernels.BzImages;

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Written_again_by_its_author_the_header_is_the_same(string kernel)
    {
        byte[] stored = HeaderOf(kernel);
        SetupHeader header = SetupHeader.Parse(stored);
        Assert.Equal(stored.Length, header.AsSpan().Length);

        byte[] written = new byte[SetupHeader.Layout.Size];
        written.AsSpan().Fill(0xaa);
        Copy(header, SetupHeader.Create(written, header.Version));

        // Kernels still fill setup_move_size, which their protocol has no more: nobody reads it, and no author writes it.
        Assert.Equal([0x00, 0x80], stored.AsSpan(SetupHeader.Layout.Offset.SetupMoveSize - SetupHeader.Layout.Start, 2).ToArray());
        written[SetupHeader.Layout.Offset.SetupMoveSize - SetupHeader.Layout.Start + 1] = 0x80;
        Assert.Equal(Convert.ToHexString(stored), Convert.ToHexString(written.AsSpan(0, stored.Length)));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Fields_that_a_loader_writes_change_their_own_bytes_only(string kernel)
    {
        byte[] bytes = HeaderOf(kernel);
        byte[] expected = [.. bytes];
        SetupHeader.Writer writer = SetupHeader.Edit(bytes);
        writer.TypeOfLoader = default(LoaderType).WithId(LoaderId.Special).WithVersion(15);
        expected[0x210 - HeaderOffset] = 0xff;
        writer.Loadflags = writer.AsView().Loadflags | LoadFlags.CanUseHeap;
        expected[0x211 - HeaderOffset] |= 0x80;
        writer.RamdiskImage = new Paddr(0x7ff00000);
        BitConverter.TryWriteBytes(expected.AsSpan(0x218 - HeaderOffset), 0x7ff00000u);
        writer.RamdiskSize = 0x123456;
        BitConverter.TryWriteBytes(expected.AsSpan(0x21c - HeaderOffset), 0x123456u);
        writer.HeapEndPtr = 0xfe00;
        BitConverter.TryWriteBytes(expected.AsSpan(0x224 - HeaderOffset), (ushort)0xfe00);
        writer.CmdLinePtr = new Paddr(0x20000);
        BitConverter.TryWriteBytes(expected.AsSpan(0x228 - HeaderOffset), 0x20000u);
        writer.KernelAlignment = 0x1000000;
        BitConverter.TryWriteBytes(expected.AsSpan(0x230 - HeaderOffset), 0x1000000u);
        writer.SetupData = new Paddr(0x1_0000_0000);
        BitConverter.TryWriteBytes(expected.AsSpan(0x250 - HeaderOffset), 0x1_0000_0000ul);
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(bytes));
        Action tooHigh = () => SetupHeader.Edit(bytes).Code32Start = new Paddr(0x1_0000_0000);
        string message = Assert.Throws<ArgumentOutOfRangeException>(tooHigh).Message.ReplaceLineEndings("\n");
        Assert.Equal("code32_start has 32 bits. (Parameter 'value')\nActual value was 0x100000000.", message);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Every_prefix_of_the_header_is_refused_or_read(string kernel)
    {
        byte[] stored = HeaderOf(kernel);
        StructureProbe probe = StructureProbe.Find(typeof(SetupHeader).FullName!);
        for (int length = 0; length <= stored.Length; length++)
        {
            string? read = probe.Describe(stored.AsSpan(0, length), WordSize.Bits64, out ParseError error);
            Assert.Equal(length < 0x33, read is null);
            string place = $"setup_header at offset 0x{HeaderOffset + length:x}";
            if (read is not null)
                Assert.Equal(Oracle.Describe(probe.Info, WordSize.Bits64, stored.AsSpan(0, length)), read);
            else
                Assert.Equal($"{place}: expected at least 51 bytes, found {length} bytes", error.ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Kernel_info_written_again_is_the_same(string kernel)
    {
        byte[] image = File.ReadAllBytes(DebianKernels.Find(kernel, "vmlinuz"));
        SetupHeader header = SetupHeader.Parse(image.AsSpan(HeaderOffset));
        int place = ((header.SetupSects + 1) * 512) + (int)header.KernelInfoOffset!.Value;
        KernelInfo info = KernelInfo.Parse(image.AsSpan(place));

        byte[] written = new byte[KernelInfo.Layout.Size];
        KernelInfo.Author author = KernelInfo.Create(written);
        author.Size = info.Size;
        author.SizeTotal = info.SizeTotal;
        author.SetupTypeMax = info.SetupTypeMax;
        Assert.Equal(image.AsSpan(place, KernelInfo.Layout.Size).ToArray(), written);
    }

    /// <summary>The header as far as the kernel has it: the byte that tells its end may leave out what the spec has more.</summary>
    internal static byte[] HeaderOf(string kernel)
    {
        using FileStream file = File.OpenRead(DebianKernels.Find(kernel, "vmlinuz"));
        file.Position = HeaderOffset;
        byte[] header = new byte[SetupHeader.Layout.Size];
        file.ReadExactly(header);
        int endByte = SetupHeader.Layout.Info.EndByte!.Value;
        return header[..Math.Min(header.Length, endByte + 1 + header[endByte])];
    }

    /// <summary>Every field that version 2.15 has, apart from the constants and the version.</summary>
    internal static void Copy(SetupHeader from, SetupHeader.Author to)
    {
        to.SetupSects = from.SetupSects;
        to.RootFlags = from.RootFlags;
        to.Syssize = from.Syssize!.Value;
        to.RamSize = from.RamSize;
        to.VidMode = from.VidMode;
        to.RootDev = from.RootDev;
        to.Jump = from.Jump;
        to.RealmodeSwtch = from.RealmodeSwtch;
        to.StartSysSeg = from.StartSysSeg;
        to.KernelVersion = from.KernelVersion;
        to.TypeOfLoader = from.TypeOfLoader;
        to.Loadflags = from.Loadflags;
        to.Code32Start = from.Code32Start;
        to.RamdiskImage = from.RamdiskImage;
        to.RamdiskSize = from.RamdiskSize;
        to.BootsectKludge = from.BootsectKludge;
        to.HeapEndPtr = from.HeapEndPtr!.Value;
        to.ExtLoaderVer = from.ExtLoaderVer!.Value;
        to.ExtLoaderType = from.ExtLoaderType!.Value;
        to.CmdLinePtr = from.CmdLinePtr!.Value;
        to.InitrdAddrMax = from.InitrdAddrMax;
        to.KernelAlignment = from.KernelAlignment!.Value;
        to.RelocatableKernel = from.RelocatableKernel;
        to.MinAlignment = from.MinAlignment!.Value;
        to.Xloadflags = from.Xloadflags;
        to.CmdlineSize = from.CmdlineSize;
        to.HardwareSubarch = from.HardwareSubarch;
        to.HardwareSubarchData = from.HardwareSubarchData!.Value;
        to.PayloadOffset = from.PayloadOffset!.Value;
        to.PayloadLength = from.PayloadLength!.Value;
        to.SetupData = from.SetupData!.Value;
        to.PrefAddress = from.PrefAddress!.Value;
        to.InitSize = from.InitSize!.Value;
        to.HandoverOffset = from.HandoverOffset!.Value;
        to.KernelInfoOffset = from.KernelInfoOffset!.Value;
    }
}
