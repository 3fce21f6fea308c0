using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using BootProtocol.Domains;
using BootProtocol.LinuxX86;
using BootProtocol.Memory;
using BootProtocol.Relocate;
using BootProtocol.Runtime.Tests.Elf;
using BootProtocol.Testing;

namespace BootProtocol.Runtime.Tests.Domains;

/// <summary>What a Linux guest is handed: the zero page and all that it points at.</summary>
public sealed class LinuxParametersTests
{
    private const ulong MiB = LinuxGuest.MiB;

    /// <summary>The page as a C program reads it with the kernel's own header.</summary>
    [Fact]
    [Needs(Need.Kernels)]
    public void TheZeroPageIsWhatTheKernelsHeaderSays()
    {
        using LinuxDomain domain = LinuxGuest.Build("6.12-amd64", new LinuxBootBuilder
        {
            MemorySize = 6144 * MiB,
            CommandLine = "console=ttyS0 ä",
            Initrds = [new byte[] { 1, 2, 3, 4, 5 }, new byte[] { 6, 7 }],
            InitrdPlace = InitrdPlace.Above4GiB,
            Loader = new LinuxLoader(0x12, 0x345),
            Quiet = true,
            Kaslr = Kaslr.At(0x200000),
            AcpiRsdp = new Paddr(0xf1234),
            SetupData = [SetupDataNode.RngSeed(new byte[32])],
            Edit = static parameters =>
            {
                ScreenInfo.Writer screen = parameters.ScreenInfo;
                screen.OrigVideoCols = 80;
                screen.OrigVideoLines = 25;
                screen.OrigVideoIsVGA = VideoType.Vgac;
                SetupHeader.Writer header = parameters.Hdr;
                header.TypeOfLoader = (LoaderType)0x77;
            },
        });
        string[] expected =
        [
            "sentinel 0", "boot_flag aa55", "header 53726448", "version 20f", "type_of_loader e5", "ext_loader_ver 34", "ext_loader_type 2",
            "loadflags 23", "ramdisk 100000000 00000000a", "cmd_line_ptr 000101000", "setup_data 109000", "acpi_rsdp_addr f1234",
            "screen 80 x 25 type 22", "e820_entries 3", "e820 0 a0000 1", "e820 100000 bff00000 1", "e820 100000000 c0000000 1",
        ];
        Assert.Equal(expected, ReadByHeader(domain).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal("console=ttyS0 ä\0", Encoding.UTF8.GetString(domain.Memory.Slice(new Paddr(0x101000), 17).Span));
        Assert.Equal([1, 2, 3, 4, 5, 0, 0, 0, 6, 7], domain.Memory.Slice(new Paddr(4096 * MiB), 10).ToArray());

        // The header is copied to its end, and nothing around it.
        byte[] page = domain.Memory.Slice(domain.BootParamsAddress, 4096).ToArray();
        byte[] image = File.ReadAllBytes(DebianKernels.Amd64612);
        Assert.Equal(image[0x258..0x26c], page[0x258..0x26c]);
        Assert.False(page.AsSpan(0x26c..0x2d0).ContainsAnyExcept((byte)0));
        Assert.False(page.AsSpan(0x1ed..0x1f1).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void RangesBeyond128GoIntoTheList()
    {
        var ranges = ImmutableArray.CreateBuilder<MemoryRange>();
        ranges.Add(new MemoryRange(new Paddr(MiB), 64 * MiB, E820Type.Ram));
        for (uint i = 1; i < 300; i++)
            ranges.Add(new MemoryRange(new Paddr((i + 1000UL) << 20), 0x1000 + i, (E820Type)(1 + (i % 5))));
        using LinuxDomain domain = LinuxGuest.BuildSample(
            WordSize.Bits64, new LinuxBootBuilder { MemorySize = 0, Map = new MemoryMap(ranges.ToImmutable()) });
        Assert.True(domain.HasOwnMap);
        Assert.Equal(128, domain.BootParams.E820Entries);
        (uint type, byte[] data) = Assert.Single(ReadList(domain));
        Assert.Equal(1u, type);
        byte[] all = [.. domain.Memory.Slice(new Paddr(domain.BootParamsAddress.Value + 0x2d0), 128 * 20).Span, .. data];
        Assert.Equal(300 * 20, all.Length);
        for (int i = 0; i < 300; i++)
        {
            ReadOnlySpan<byte> entry = all.AsSpan(i * 20, 20);
            Assert.Equal(ranges[i].Start.Value, BinaryPrimitives.ReadUInt64LittleEndian(entry));
            Assert.Equal(ranges[i].Length, BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]));
            Assert.Equal((uint)ranges[i].Type, BinaryPrimitives.ReadUInt32LittleEndian(entry[16..]));
        }
    }

    [Fact]
    public void NodesOfEveryTypeStandInTheListWithWhatTheyPointAt()
    {
        byte[] blob = [0x41, 0x4d, 0x44, 0x45, .. new byte[36]];
        using LinuxDomain domain = LinuxGuest.BuildSample(WordSize.Bits64, new LinuxBootBuilder
        {
            MemorySize = 64 * MiB,
            SetupData =
            [
                SetupDataNode.RngSeed(new byte[] { 1, 2, 3 }),
                SetupDataNode.DeviceTree(new byte[] { 0xd0, 0x0d }),
                SetupDataNode.Efi(5, new Paddr(6), new Paddr(7)),
                SetupDataNode.PciRom(WordSize.Bits64, 0x8086, 0x100e, (1, 2, 3, 4), [9, 8, 7]),
                SetupDataNode.AppleProperties(new byte[] { 4 }),
                SetupDataNode.Jailhouse(static data =>
                {
                    JailhouseSetupDataV1.Writer first = data.V1;
                    first.TscKhz = 0x12345;
                }),
                SetupDataNode.CcBlob(blob),
                SetupDataNode.Ima(new byte[] { 1, 1 }),
                SetupDataNode.KexecHandover(new byte[] { 2, 2, 2 }, new byte[] { 3 }),
                SetupDataNode.Indirect(SetupDataType.RngSeed, new byte[] { 5, 5 }),
                new SetupDataNode((SetupDataType)4, new byte[100]),
            ],
        });
        List<(uint Type, byte[] Data)> nodes = ReadList(domain);
        Assert.Equal([9u, 2u, 4u, 3u, 5u, 6u, 7u, 8u, 10u, 0x80000000u, 4u], nodes.Select(static node => node.Type));
        Assert.Equal([1, 2, 3], nodes[0].Data);
        Assert.Equal([5, 0, 6, 7], Words(nodes[2].Data)[..4]);
        Assert.Equal([0x86, 0x80, 0x0e, 0x10], nodes[3].Data[..4]);
        Assert.Equal([3, 1, 2, 3, 4], Words(nodes[3].Data[8..48]));
        Assert.Equal([9, 8, 7], nodes[3].Data[48..]);
        Assert.Equal([2, 0, 1, 0], nodes[5].Data[..4]);
        Assert.Equal(0x12345u, BinaryPrimitives.ReadUInt32LittleEndian(nodes[5].Data.AsSpan(16)));
        Assert.Equal(blob, At(BinaryPrimitives.ReadUInt32LittleEndian(nodes[6].Data), 40));
        Assert.Equal(2u, Words(nodes[7].Data)[1]);
        Assert.Equal([1, 1], At(Words(nodes[7].Data)[0], 2));
        Assert.Equal([2, 2, 2], At(Words(nodes[8].Data)[0], 3));
        Assert.Equal([3], At(Words(nodes[8].Data)[2], 1));
        Assert.Equal((3u, 1u), (Words(nodes[8].Data)[1], Words(nodes[8].Data)[3]));
        Assert.Equal(0x80000009u, Words(nodes[9].Data)[0]);
        Assert.Equal([5, 5], At(Words(nodes[9].Data)[2], (int)Words(nodes[9].Data)[1]));
        Assert.Equal(100, nodes[10].Data.Length);

        byte[] At(ulong address, int length) => domain.Memory.Slice(new Paddr(address), length).ToArray();
    }

    [Fact]
    [Needs(Need.Kernels)]
    public void OptionalNodesOfTypesThatTheKernelDoesNotKnowAreLeftOut()
    {
        using LinuxDomain domain = LinuxGuest.Build("6.12-amd64", new LinuxBootBuilder
        {
            MemorySize = 128 * MiB,
            SetupData =
            [
                SetupDataNode.KexecHandover(default, default) with { IsOptional = true },
                SetupDataNode.RngSeed(new byte[] { 1 }) with { IsOptional = true },
                SetupDataNode.Indirect(SetupDataType.RngSeed, new byte[] { 5 }) with { IsOptional = true },
                SetupDataNode.Indirect((SetupDataType)77, new byte[] { 5 }) with { IsOptional = true },
            ],
        });
        Assert.Equal([9u, 0x80000000u], ReadList(domain).Select(static node => node.Type));
    }

    [Fact]
    [Needs(Need.Kernels)]
    public void TypesThatTheKernelDoesNotKnowAreRefused()
    {
        // 6.12 knows types up to the seed's, and follows SETUP_INDIRECT; 10 is newer.
        string error = Refuse("6.12-amd64", SetupDataNode.KexecHandover(default, default));
        Assert.Contains("expected at most SETUP_RNG_SEED (setup_type_max), found SETUP_KEXEC_KHO", error, StringComparison.Ordinal);
        error = Refuse("6.12-amd64", SetupDataNode.Indirect((SetupDataType)77, default));
        Assert.Contains("found type 77", error, StringComparison.Ordinal);
        error = Refuse("6.12-amd64", SetupDataNode.Indirect(SetupDataType.None, default));
        Assert.Contains("neither SETUP_NONE nor SETUP_INDIRECT", error, StringComparison.Ordinal);
        var outside = new SetupDataNode(SetupDataType.Dtb, new byte[8])
        {
            Attachments = [new SetupDataAttachment(1, 8, new byte[1])],
        };
        Assert.Contains("an address in the 8 bytes of data", Refuse("6.12-amd64", outside), StringComparison.Ordinal);

        static string Refuse(string name, SetupDataNode node) =>
            LinuxGuest.Refuse(() => LinuxGuest.Build(name, new LinuxBootBuilder { MemorySize = 128 * MiB, SetupData = [node] }));
    }

    [Theory]
    [InlineData(0x20f, 2047)]
    [InlineData(0x205, 255)]
    [InlineData(0x202, 255)]
    public void ACommandLineIsAsLongAsTheKernelTakesIt(ushort version, int limit)
    {
        using LinuxDomain domain = Build(limit);
        ulong address = domain.BootParams.Hdr.CmdLinePtr!.Value.Value;
        Assert.Equal([.. Enumerable.Repeat((byte)'x', limit), (byte)0], domain.Memory.Slice(new Paddr(address), limit + 1).ToArray());
        string error = LinuxGuest.Refuse(() => Build(limit + 1));
        Assert.Equal($"command line: expected at most {limit} bytes (cmdline_size), found {limit + 1} bytes", error);

        LinuxDomain Build(int length) => LinuxGuest.BuildSample(
            WordSize.Bits32, Old(new string('x', length)), image => BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x206), version));
    }

    [Fact]
    public void WhatOldProtocolsCannotTellIsRefused()
    {
        Assert.Contains("protocol 2.02 or later", Refuse(0x201, Old("x")), StringComparison.Ordinal);
        string error = Refuse(0x208, Old("", list: [SetupDataNode.RngSeed(new byte[1])]));
        Assert.Contains("protocol 2.09 or later for setup_data", error, StringComparison.Ordinal);
        Assert.Contains("ext_loader_type", Refuse(0x201, Old("", new LinuxLoader(0x11, 0))), StringComparison.Ordinal);
        foreach ((int id, int number) in new[] { (0xe, 0), (0xf, 0), (-1, 0), (0x110, 0), (1, -1), (1, 0x1000) })
        {
            LinuxBootBuilder builder = Old("", new LinuxLoader(id, number));
            Assert.StartsWith("setup_header.", Refuse(0x20f, builder), StringComparison.Ordinal);
            Assert.Throws<BootRequestException>(() => LinuxGuest.BuildSample(WordSize.Bits32, builder, static _ => { }));
        }

        static string Refuse(ushort version, LinuxBootBuilder builder) => LinuxGuest.Refuse(() => LinuxGuest.BuildSample(
            WordSize.Bits32, builder, image => BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x206), version)));
    }

    /// <summary>Addresses in the first 4 GiB and in the kernel's GiB are mapped to themselves by a walk as processors do it.</summary>
    [Theory]
    [InlineData(false, 0x1000000)]
    [InlineData(true, 0x1000000)]
    [InlineData(false, 0x8040000000)]
    [Needs(Need.Kernels)]
    public void PageTablesMapAddressesToThemselves(bool fiveLevels, ulong kernel)
    {
        using LinuxDomain domain = LinuxGuest.Build("6.12-amd64", new LinuxBootBuilder
        {
            MemorySize = 1UL << 40,
            FiveLevels = fiveLevels,
            KernelAddress = new Paddr(kernel),
        });
        Assert.Equal(fiveLevels ? 0x1020u : 0x20u, domain.Cpu.Cr4);
        Assert.Equal((0x80000011u, 0x500u), (domain.Cpu.Cr0, domain.Cpu.Efer));
        Assert.Equal((0x10, 0x18), ((int)domain.Cpu.CodeSelector, (int)domain.Cpu.DataSelector));
        foreach (ulong address in (ulong[])[0, 0x1fffff, 0x200000, 0xffffffff, domain.BootParamsAddress.Value, kernel, kernel + 0x37edfff])
            Assert.Equal(address, Walk(address));
        Assert.Null(Walk(0x9000000000));

        // Flat code of 64 bits and data, at ring 0.
        byte[] descriptors = domain.Memory.Slice(domain.Cpu.DescriptorTable, 32).ToArray();
        Assert.Equal([0, 0, 0xaf9b000000ffff, 0xcf93000000ffff], Words(descriptors));

        ulong? Walk(ulong address)
        {
            ulong table = domain.Cpu.Cr3;
            for (int shift = fiveLevels ? 48 : 39; ; shift -= 9)
            {
                Span<byte> bytes = domain.Memory.Slice(new Paddr(table + ((address >> shift & 511) * 8)), 8).Span;
                ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
                if ((entry & 1) == 0)
                    return null;
                Assert.Equal(2u, entry & 2);
                if ((entry & 0x80) != 0)
                    return (entry & 0xffffffffff000) | (address & ((1UL << shift) - 1));
                table = entry & 0xffffffffff000;
            }
        }
    }

    [Fact]
    [Needs(Need.Kernels)]
    public void FiveLevelsHaveToBeAllowed()
    {
        Assert.Contains("XLF_5LEVEL and XLF_5LEVEL_ENABLED", Refuse(WordSize.Bits64, 0x23), StringComparison.Ordinal);
        Assert.Contains("none for the 32-bit entry", Refuse(WordSize.Bits32, 0x7f), StringComparison.Ordinal);

        static string Refuse(WordSize mode, byte flags)
        {
            byte[] image = File.ReadAllBytes(DebianKernels.Amd64612);
            image[0x236] = flags;
            var builder = new LinuxBootBuilder { MemorySize = 128 * MiB, Mode = mode, FiveLevels = true };
            return LinuxGuest.Refuse(() => LinuxGuest.Build(image, builder));
        }
    }

    /// <summary>A kernel without a bzImage gets a header of ours; what it cannot do is told in one line.</summary>
    [Fact]
    [Needs(Need.Kernels)]
    public void APlainElfKernelGetsAHeader()
    {
        byte[] elf = DecodedKernels.Bytes("6.12-amd64");
        using LinuxDomain domain = LinuxGuest.Build(
            elf, new LinuxBootBuilder { MemorySize = 128 * MiB, CommandLine = "x", Initrds = [new byte[3]] });
        SetupHeader header = domain.BootParams.Hdr;
        Assert.Equal((0x20c, 0xff, 3u), (header.Version.Raw, (int)header.TypeOfLoader, header.RamdiskSize));
        Assert.NotEqual(0u, header.CmdLinePtr!.Value.Value);

        string error = LinuxGuest.Refuse(() => LinuxGuest.Build(elf, new LinuxBootBuilder { MemorySize = 64 * MiB, Mode = WordSize.Bits32 }));
        Assert.Contains("it is a 64-bit kernel without the 32-bit entry of a bzImage", error, StringComparison.Ordinal);
        error = LinuxGuest.Refuse(() => LinuxGuest.Build(elf, new LinuxBootBuilder { MemorySize = 64 * MiB, DecompressInGuest = true }));
        Assert.Contains("a bzImage", error, StringComparison.Ordinal);
        error = LinuxGuest.Refuse(() => LinuxGuest.Build(
            File.ReadAllBytes(DebianKernels.Grub32), new LinuxBootBuilder { MemorySize = 64 * MiB, Mode = WordSize.Bits32 }));
        Assert.StartsWith("kernel.linux32: expected a kernel that can be started so, found ", error, StringComparison.Ordinal);
        error = LinuxGuest.Refuse(() => LinuxGuest.Build("6.1-686-pae", new LinuxBootBuilder { MemorySize = 64 * MiB }));
        Assert.Contains("it is a 32-bit kernel", error, StringComparison.Ordinal);
        error = LinuxGuest.Refuse(() => LinuxGuest.Build(
            "6.1-686-pae", new LinuxBootBuilder { MemorySize = 64 * MiB, DecompressInGuest = true }));
        Assert.Contains("XLF_KERNEL_64", error, StringComparison.Ordinal);
    }

    [Fact]
    public void MapsThatLinuxThrowsAwayAreRefused()
    {
        var one = new MemoryRange(new Paddr(0), 512 * MiB, E820Type.Ram);
        foreach (MemoryMap map in new MemoryMap[] { new([one]), new([one, new(new Paddr(ulong.MaxValue), 2, E820Type.Reserved)]) })
        {
            string error = LinuxGuest.Refuse(() => LinuxGuest.BuildSample(WordSize.Bits64, new LinuxBootBuilder { MemorySize = 0, Map = map }));
            Assert.StartsWith("memory map: ", error, StringComparison.Ordinal);
        }
    }

    /// <summary>For images whose protocol is too old to tell where the kernel is: they decompress themselves.</summary>
    private static LinuxBootBuilder Old(string commandLine, LinuxLoader? loader = null, params ImmutableArray<SetupDataNode> list) => new()
    {
        MemorySize = 64 * MiB,
        Mode = WordSize.Bits32,
        DecompressInGuest = true,
        CommandLine = commandLine,
        Loader = loader,
        SetupData = list,
    };

    private static List<(uint Type, byte[] Data)> ReadList(LinuxDomain domain)
    {
        var nodes = new List<(uint Type, byte[] Data)>();
        ulong at = BinaryPrimitives.ReadUInt64LittleEndian(domain.Memory.Slice(new Paddr(domain.BootParamsAddress.Value + 0x250), 8).Span);
        while (at != 0)
        {
            Assert.Equal(0u, at % 8);
            ReadOnlySpan<byte> head = domain.Memory.Slice(new Paddr(at), 16).Span;
            int length = BinaryPrimitives.ReadInt32LittleEndian(head[12..]);
            nodes.Add((BinaryPrimitives.ReadUInt32LittleEndian(head[8..]), domain.Memory.Slice(new Paddr(at + 16), length).ToArray()));
            at = BinaryPrimitives.ReadUInt64LittleEndian(head);
        }

        return nodes;
    }

    private static ulong[] Words(byte[] bytes) =>
        [.. Enumerable.Range(0, bytes.Length / 8).Select(i => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(i * 8)))];

    private static string ReadByHeader(LinuxDomain domain)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("page"), domain.Memory.Slice(domain.BootParamsAddress, 4096).ToArray());
        string source = Repository.File("tests", "Runtime.Tests", "Domains", "read-boot-params.c");
        _ = ToolRun.Start("gcc", ["-o", "read", source], folder.Path).Succeeded();
        return ToolRun.Start("sh", ["-c", "./read < page"], folder.Path).Succeeded();
    }
}
